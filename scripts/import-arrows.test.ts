import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { createTemporaryDirectory } from '../test-support/temporary-directory.ts'

const root = join(import.meta.dirname, '..')
const biome = fileURLToPath(import.meta.resolve('@biomejs/biome/bin/biome'))

const server = 'packages/server/src'
const arrows: [importer: string, imported: string, allowed: boolean][] = [
  ['packages/signing/src/a.ts', 'node:crypto', true],
  ['packages/signing/src/a.ts', './b.ts', true],
  ['packages/signing/src/a.ts', 'jose', false],
  ['packages/signing/src/a.ts', 'node:fs', false],
  ['packages/signing/src/a.ts', '@cutover/contract', false],
  ['packages/signing/src/a.ts', '../../contract/src/index.ts', false],
  ['packages/contract/src/a.ts', 'typebox', true],
  ['packages/contract/src/a.ts', 'fastify', false],
  ['packages/contract/src/a.ts', '@cutover/signing', false],
  [`${server}/identity-secrets/a.ts`, '@cutover/signing', true],
  [`${server}/identity-secrets/a.ts`, './ports.ts', true],
  [`${server}/identity-secrets/a.ts`, '../cluster/commit-change.ts', true],
  [`${server}/identity-secrets/a.ts`, '../audit/audit-entry.ts', true],
  [`${server}/identity-secrets/a.ts`, '../audit/refusal-recorder.ts', false],
  [`${server}/identity-secrets/a.ts`, '../verification/keyset-cache.ts', false],
  [`${server}/identity-secrets/a.ts`, '../storage/store.ts', false],
  [`${server}/identity-secrets/a.ts`, '../http/app.ts', false],
  [`${server}/identity-secrets/a.ts`, '../main.ts', false],
  [`${server}/identity-secrets/a.ts`, '../local/reseal.ts', false],
  [`${server}/storage/a.ts`, '../local.ts', false],
  [`${server}/sealing/a.ts`, '../start-serving.ts', false],
  [`${server}/http/native/a.ts`, '../../local/reseal.ts', false],
  [`${server}/identity-secrets/a.ts`, 'kysely', false],
  [`${server}/verification/a.ts`, '../sealing/sealer.ts', false],
  [`${server}/audit/a.ts`, 'fastify', false],
  [`${server}/usage/a.ts`, '../verification/verify-user.ts', false],
  [`${server}/usage/a.ts`, 'kysely', false],
  [`${server}/metrics/a.ts`, 'prom-client', false],
  [`${server}/storage/a.ts`, 'kysely', true],
  [`${server}/storage/a.ts`, '../audit/audit-entry.ts', true],
  [`${server}/storage/a.ts`, '../http/app.ts', false],
  [`${server}/storage/migrations/a.ts`, '../../http/app.ts', false],
  [`${server}/storage/a.ts`, '../sealing/sealer.ts', false],
  [`${server}/sealing/a.ts`, 'jose', true],
  [`${server}/sealing/a.ts`, '../storage/store.ts', false],
  [`${server}/http/a.ts`, '@cutover/contract', true],
  [`${server}/http/native/a.ts`, '../../verification/verify-user.ts', true],
  [`${server}/http/native/a.ts`, '../../storage/store.ts', false],
  [`${server}/http/a.ts`, '../sealing/sealer.ts', false],
  [`${server}/http/native/a.ts`, 'kysely', false],
  ['packages/client/src/a.ts', '@cutover/contract', true],
  ['packages/client/src/resources/a.ts', '../transport.ts', true],
  ['packages/client/src/a.ts', '@cutover/signing', false],
  ['packages/client/src/a.ts', 'node:crypto', false],
  ['packages/client/src/integrator/a.ts', '@cutover/signing', true],
  ['packages/client/src/integrator/a.ts', '@cutover/server', false],
  ['packages/cli/src/commands/secrets.ts', '@cutover/client', true],
  ['packages/cli/src/commands/secrets.ts', '@cutover/server/local', false],
  ['packages/cli/src/commands/serve.ts', '@cutover/server/serve', true],
  ['packages/cli/src/commands/local/a.ts', '@cutover/server/local', true],
  ['packages/dashboard/src/features/secrets/a.ts', '@cutover/client', true],
  ['packages/dashboard/src/features/secrets/a.ts', '@mantine/core', true],
  ['packages/dashboard/src/features/secrets/a.ts', '@cutover/server', false],
  ['packages/dashboard/src/features/secrets/a.ts', '@cutover/signing', false],
  ['packages/dashboard/src/features/secrets/a.ts', '../../../../server/src/main.ts', false],
  ['packages/dashboard/src/features/secrets/a.ts', 'node:crypto', false],
]

describe('the import rules', () => {
  it.each(arrows)('%s -> %s: allowed is %s', async (importer, imported, allowed) => {
    expect(await importErrors(importer, imported)).toBe(allowed ? 0 : 1)
  })
})

/** How many places the linter objects to: 0 or 1, however many rules the import breaks. */
async function importErrors(importer: string, imported: string): Promise<number> {
  await using directory = await createTemporaryDirectory()
  const settings = JSON.parse(await readFile(join(root, 'biome.json'), 'utf8'))
  await writeFile(join(directory.path, 'biome.json'), JSON.stringify({ ...settings, vcs: { enabled: false } }))
  const path = join(directory.path, importer)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, `import { value } from '${imported}'\nexport const kept = value\n`)
  return (await lint(directory.path)).includes('lint/style/noRestrictedImports') ? 1 : 0
}

function lint(directory: string): Promise<string> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [biome, 'lint', directory], { cwd: directory }, (_error, out, err) =>
      resolve(out + err),
    )
    child.on('error', () => resolve(''))
  })
}
