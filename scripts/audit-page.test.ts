import { execFile } from 'node:child_process'
import { readFile, symlink, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { auditActions } from '@cutover/contract'
import { auditLogFaults } from '@cutover/signing'
import { expect, it } from 'vitest'
import { Caller } from '../packages/server/test/caller.ts'
import { startCutover } from '../packages/server/test/start-cutover.ts'
import { createTemporaryDirectory } from '../test-support/temporary-directory.ts'
import { fencedBlocks } from './fenced-blocks.ts'

const root = join(import.meta.dirname, '..')
const page = await readFile(join(root, 'docs/audit.md'), 'utf8')

/** The first cells of the table with this heading, without their quotes. */
function firstCells(heading: string): string[] {
  const [, table = ''] = page.split(`\n| ${heading} |`)
  return [...(table.split('\n\n', 1)[0] ?? '').matchAll(/^\| `([^`]+)` \|/gm)].map(([, cell = '']) => cell)
}

it('docs/audit.md names every action and every reason, and no other', () => {
  expect(firstCells('action')).toEqual(auditActions)
  expect(firstCells('reason')).toEqual(auditLogFaults)
})

it('docs/audit.md, followed from beginning to end, prints what it says', async () => {
  await using directory = await createTemporaryDirectory()
  const cutover = await startCutover({ CUTOVER_DATA_DIR: join(directory.path, 'data') })
  await new Caller(cutover.address, cutover.firstToken ?? '').create('Spring')
  await symlink(join(root, 'node_modules'), join(directory.path, 'node_modules'))
  await writeFile(join(directory.path, 'verify.mjs'), fencedBlocks(page, 'js').join(''))
  const env = {
    PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
    // The package as it is here, before it is built.
    NODE_OPTIONS: '--conditions=cutover-source',
    CUTOVER_URL: cutover.address,
    CUTOVER_TOKEN: cutover.firstToken ?? '',
  }
  const script = `set -u\n${fencedBlocks(page, 'bash').join('\n')}`
  const printed = await new Promise<string>((resolve) => {
    execFile('bash', ['--norc', '-c', script], { env, cwd: directory.path }, (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    )
  })
  expect(printed).toBe(fencedBlocks(page, 'text').join(''))
})
