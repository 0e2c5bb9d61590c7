#!/usr/bin/env -S node --
// The two dashes keep Node from taking --env-file, which is an option of `cutover rotate`, for its own.
// Plain JavaScript that any Node reads: what it starts needs a newer one, and says so here in words.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const main = new URL('../dist/main.js', import.meta.url)

if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(
    `cutover needs Node >= 24, and this is ${process.version}: npm scripts and npx in the repository bring their own.\n`,
  )
  process.exitCode = 1
} else if (existsSync(fileURLToPath(main))) {
  await import(main.href)
} else {
  process.stderr.write('cutover is not built yet: npm run build\n')
  process.exitCode = 1
}
