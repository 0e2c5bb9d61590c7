import { createHash, createHmac } from 'node:crypto'
import { expect, it } from 'vitest'
import type { Candidate, Standing } from './candidate.ts'
import { diagnose } from './diagnose.ts'

const key = '0123456789abcdef'
const userHash = createHmac('sha256', key).update('u').digest('hex')
const question = { method: 'userHash', userHash, identifiers: { expected: 'u', unused: null } } as const
const inOrder: readonly [Standing, string][] = [
  ['accepted', 'verified'],
  ['wrong_platform', 'wrong_platform'],
  ['disabled', 'secret_disabled'],
  ['deleted', 'secret_deleted'],
  ['expired', 'secret_expired'],
  ['of_integrator', 'integrator_secret_used'],
]

function candidate(standing: Standing, material = key): Candidate {
  return { id: standing, integratorId: null, standing, material }
}

it('of several secrets with the same material, the one that stands best is named', async () => {
  for (const [index, [standing, finding]] of inOrder.entries()) {
    const candidates = inOrder.slice(index).map(([each]) => candidate(each))
    const diagnosis = await diagnose(candidates.reverse(), question, 0)
    expect([diagnosis.finding, diagnosis.candidate?.id]).toEqual([finding, standing])
  }
})

it('the state of a secret is told before what may have been done to another one', async () => {
  const withBreak = createHmac('sha256', `${key}\n`).update('u').digest('hex')
  const candidates = [candidate('accepted'), candidate('deleted', `${key}\n`)]
  expect((await diagnose(candidates, { ...question, userHash: withBreak }, 0)).finding).toBe('secret_deleted')
})

it('an email that is the user id in other letters counts as the email', async () => {
  const identifiers = { expected: 'ann@example.com', unused: 'ANN@EXAMPLE.COM' }
  const signed = createHmac('sha256', key).update(identifiers.unused).digest('hex')
  const diagnosis = await diagnose([candidate('accepted')], { method: 'userHash', userHash: signed, identifiers }, 0)
  expect(diagnosis.finding).toBe('signed_email_not_user_id')
})

it('a hash without a key is found where there is no secret to try', async () => {
  const plain = createHash('sha256').update('u').digest('hex')
  expect((await diagnose([], { ...question, userHash: plain }, 0)).finding).toBe('plain_sha256_without_key')
  expect((await diagnose([], question, 0)).finding).toBe('no_active_secret')
})
