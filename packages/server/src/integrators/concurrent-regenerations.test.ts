import { describe, expect, it } from 'vitest'
import { engines, type InProcess, startInProcess } from '../../test/in-process.ts'
import {
  createIntegrator,
  currentSecrets,
  fingerprintOf,
  problemOf,
  regenerate,
  regeneration,
  type Signing,
  standing,
} from '../../test/integrators.ts'

const unlimited = { CUTOVER_RATE_LIMIT_PER_MINUTE: '0' }

/** Fifty at once, each with a signature of its own. */
async function regenerateAtOnce(cutover: InProcess, by: Signing, graceSeconds: number) {
  const calls = Array.from({ length: 50 }, () => regeneration(cutover, by, graceSeconds))
  const answers = await Promise.all(calls.map((call) => cutover.call(call)))
  const refused = answers.filter(({ statusCode }) => statusCode !== 200)
  return { answers, won: answers.filter(({ statusCode }) => statusCode === 200), refused }
}

describe.each(engines)('fifty regenerations at once, differently signed, on %s', (engine) => {
  it('without grace have one winner; the others are refused as too late, or as signed with nothing', async () => {
    await using cutover = await startInProcess({ engine, environment: unlimited })
    const old = await createIntegrator(cutover)
    const { won, refused } = await regenerateAtOnce(cutover, old, 0)
    expect([won.length, refused.length]).toEqual([1, 49])
    for (const answer of refused) {
      expect([
        [409, 'rotation_conflict'],
        [401, 'signature_invalid'],
      ]).toContainEqual(problemOf(answer))
      expect(answer.body).not.toMatch(/ints_|sha256:/)
    }
    const young = { ...won[0]?.json(), key: old.key }
    expect(await currentSecrets(cutover, old.id)).toEqual([fingerprintOf(young.secret)])
    expect([await standing(cutover, old), await standing(cutover, young)]).toEqual(['signature_invalid', 'accepted'])
  })

  it('with grace have one winner, and the others are told of the conflict', async () => {
    await using cutover = await startInProcess({ engine, environment: unlimited })
    const old = await createIntegrator(cutover)
    const { won, refused } = await regenerateAtOnce(cutover, old, 60)
    expect([won.length, refused.length]).toEqual([1, 49])
    for (const answer of refused) {
      expect(problemOf(answer)).toEqual([409, 'rotation_conflict'])
      expect(answer.body).not.toMatch(/ints_|sha256:/)
    }
    const young = { ...won[0]?.json(), key: old.key }
    expect(await currentSecrets(cutover, old.id)).toEqual([fingerprintOf(young.secret)])
    expect([await standing(cutover, old), await standing(cutover, young)]).toEqual(['accepted', 'accepted'])
  })

  it('and one by an operator leave one current secret, and the winner’s answer shows it', async () => {
    await using cutover = await startInProcess({ engine, environment: unlimited })
    const old = await createIntegrator(cutover)
    const operator = cutover.call({
      method: 'POST',
      url: '/v1/integrator/regenerate-secret',
      headers: { 'x-integrator-key': old.key },
      payload: { oldSecretValidForSeconds: 60 },
    })
    const [{ won }, byOperator] = await Promise.all([regenerateAtOnce(cutover, old, 60), operator])
    expect(byOperator.statusCode).toBe(200)
    const shown = [...won, byOperator].map((answer) => fingerprintOf(answer.json().secret))
    const current = await currentSecrets(cutover, old.id)
    expect(current).toHaveLength(1)
    expect(shown).toContain(current[0])
    expect(shown.length).toBeLessThanOrEqual(2)
  })

  it('beside the deletion of their integrator leave nothing that is accepted', async () => {
    await using cutover = await startInProcess({ engine, environment: unlimited })
    const old = await createIntegrator(cutover)
    const deletion = cutover.call({ method: 'DELETE', url: `/v1/integrators/${old.id}` })
    const [{ won, refused }, deleted] = await Promise.all([regenerateAtOnce(cutover, old, 60), deletion])
    expect(deleted.statusCode).toBe(204)
    expect(won.length).toBeLessThanOrEqual(1)
    for (const answer of refused) expect([409, 401]).toContain(answer.statusCode)
    for (const answer of won) {
      expect(await standing(cutover, { ...answer.json(), key: old.key })).toBe('signature_invalid')
    }
    expect(await standing(cutover, old)).toBe('signature_invalid')
    expect(await currentSecrets(cutover, old.id)).toEqual([])
    await expect(regenerate(cutover, old)).rejects.toThrow('signature_invalid')
  })
})
