import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { requestSignatureReasons } from '@cutover/contract'
import { expect, it } from 'vitest'
import { startCutover } from '../packages/server/test/start-cutover.ts'
import { createTemporaryDirectory } from '../test-support/temporary-directory.ts'
import { fencedBlocks } from './fenced-blocks.ts'

const page = await readFile(join(import.meta.dirname, '../docs/integrators.md'), 'utf8')

it('docs/integrators.md names every reason of a refused signature, in the order of the checks', () => {
  const [, refusals = ''] = page.split('\n## Refusals\n')
  const codes = [...refusals.matchAll(/^\| `([^`]+)` \|/gm)].map(([, code]) => code)
  expect(codes.slice(0, requestSignatureReasons.length)).toEqual(requestSignatureReasons)
})

it('docs/integrators.md, followed from beginning to end, prints what it says', async () => {
  await using directory = await createTemporaryDirectory()
  const cutover = await startCutover({ CUTOVER_DATA_DIR: join(directory.path, 'data') })
  const env = { PATH: process.env['PATH'], CUTOVER_URL: cutover.address, CUTOVER_TOKEN: cutover.firstToken ?? '' }
  const script = `set -u\n${fencedBlocks(page, 'bash').join('\n')}`
  const printed = await new Promise<string>((resolve) => {
    execFile('bash', ['--norc', '-c', script], { env, cwd: directory.path }, (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    )
  })
  expect(printed).toBe(fencedBlocks(page, 'text').join(''))
})
