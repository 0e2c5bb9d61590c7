import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { secretStates } from '@cutover/contract'
import { expect, it } from 'vitest'
import { startCutover } from '../packages/server/test/start-cutover.ts'
import { createTemporaryDirectory } from '../test-support/temporary-directory.ts'
import { fencedBlocks } from './fenced-blocks.ts'

const page = await readFile(join(import.meta.dirname, '../docs/lifecycle.md'), 'utf8')

it('docs/lifecycle.md names every state, and no other', () => {
  const [, table = ''] = page.split('\n| state |')
  const named = [...(table.split('\n\n', 1)[0] ?? '').matchAll(/^\| `([a-z]+)` \|/gm)].map(([, state]) => state)
  expect(named.sort()).toEqual([...secretStates].sort())
})

it('docs/lifecycle.md, followed from beginning to end, prints what it says', async () => {
  await using directory = await createTemporaryDirectory()
  const cutover = await startCutover({ CUTOVER_DATA_DIR: directory.path })
  const env = { PATH: process.env['PATH'], CUTOVER_URL: cutover.address, CUTOVER_TOKEN: cutover.firstToken ?? '' }
  const script = `set -u\n${fencedBlocks(page, 'bash').join('\n')}`
  const printed = await new Promise<string>((resolve) => {
    execFile('bash', ['--norc', '-c', script], { env }, (_error, stdout, stderr) => resolve(stdout + stderr))
  })
  expect(printed).toBe(fencedBlocks(page, 'text').join(''))
})
