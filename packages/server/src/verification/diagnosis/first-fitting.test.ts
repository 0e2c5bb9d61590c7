import { findings } from '@cutover/contract'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Alternative } from './alternatives.ts'
import type { Candidate } from './candidate.ts'
import { firstFitting } from './first-fitting.ts'

const digest = new Uint8Array(32).fill(1)
const presented = { asAsked: digest, fromBase64: null }
const candidates = ['1', '2', '3'].map(
  (id): Candidate => ({ id, integratorId: null, standing: 'accepted', material: 'm' }),
)
const alternative = (finding: Alternative['finding'], bytes: Uint8Array = digest): Alternative => ({
  finding,
  note: null,
  digest: bytes,
  isInBase64: false,
})

it('of everything that fits, the finding that the contract has first is the answer, whoever it is found with', async () => {
  const shuffled = fc.shuffledSubarray([...findings], { minLength: 3, maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(shuffled, async (fitting) => {
      const of = (id: string) => fitting.filter((_, index) => String((index % 3) + 1) === id)
      const first = await firstFitting(
        candidates,
        (candidate) => of(candidate?.id ?? '').map((finding) => alternative(finding)),
        presented,
      )
      const expected = findings.find((finding) => fitting.includes(finding)) ?? 'unknown'
      expect([first?.finding, of(first?.candidate?.id ?? '').includes(expected)]).toEqual([expected, true])
    }),
  )
})

it('everybody is asked, also after somebody has fitted, and the first of equals is named', async () => {
  const asked: unknown[] = []
  const first = await firstFitting(
    candidates,
    (candidate) => {
      asked.push(candidate?.id)
      return [alternative('wrong_platform')]
    },
    presented,
  )
  expect(asked).toEqual(['1', '2', '3', undefined])
  expect(first?.candidate?.id).toBe('1')
})

it('what is of another length, or in another form, does not fit', async () => {
  const others = [
    alternative('sha1_digest', digest.subarray(0, 20)),
    { ...alternative('digest_was_base64'), isInBase64: true },
    alternative('wrong_platform', new Uint8Array(32).fill(2)),
  ]
  expect(await firstFitting(candidates, () => others, presented)).toBeNull()
})
