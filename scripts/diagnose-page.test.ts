import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findings } from '@cutover/contract'
import { expect, it } from 'vitest'
import type { Candidate } from '../packages/server/src/verification/diagnosis/candidate.ts'
import { diagnose } from '../packages/server/src/verification/diagnosis/diagnose.ts'
import { hintOf } from '../packages/server/src/verification/diagnosis/hint.ts'
import { fencedBlocks } from './fenced-blocks.ts'

const root = join(import.meta.dirname, '..')
const page = await readFile(join(root, 'docs/diagnose.md'), 'utf8')
const vectors = JSON.parse(await readFile(join(root, 'packages/signing/test/vectors/user-hash.json'), 'utf8'))

it('docs/diagnose.md says of every finding, in its order, what was done and what to change, and has no other', () => {
  const [, table = ''] = page.split('\n| finding | what was done | what to change |\n')
  const rows = (table.split('\n\n', 1)[0] ?? '').split('\n').slice(1)
  const cells = rows.map((row) => row.slice(2, -2).split(' | '))
  expect(cells.map(([finding]) => finding)).toEqual(findings.map((finding) => `\`${finding}\``))
  expect(cells.map(({ length }) => length)).toEqual(findings.map(() => 3))
})

it('docs/diagnose.md asks a question that gets the answer it shows', async () => {
  const [, asked = ''] = /-d '(.*)'/.exec(page) ?? []
  const { platform, userId, email, userHash } = JSON.parse(asked)
  const material: string = vectors.cases[0].secrets[0].secret
  const candidate: Candidate = { id: '1', integratorId: null, standing: 'accepted', material }
  const identifiers = { expected: userId, unused: email }
  const diagnosis = await diagnose([candidate], { method: 'userHash', userHash, identifiers }, 0)
  const { finding } = diagnosis
  const answer = { verified: finding === 'verified', finding, hint: hintOf(diagnosis, platform, 'userHash') }
  expect(JSON.parse(fencedBlocks(page, 'json').join(''))).toEqual(answer)
})
