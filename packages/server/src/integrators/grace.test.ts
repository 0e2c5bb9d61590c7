import { describe, expect, it } from 'vitest'
import { engines, type InProcess, startInProcess } from '../../test/in-process.ts'
import {
  askOwn,
  createIntegrator,
  currentSecrets,
  fingerprintOf,
  problemOf,
  regenerate,
  regeneration,
  type Signing,
  secretsOf,
  signed,
  standing,
} from '../../test/integrators.ts'

const iso = (ms: number) => new Date(ms).toISOString()

/** What each of them is told, in order. */
async function standings(cutover: InProcess, ...all: readonly Signing[]): Promise<readonly string[]> {
  const told = []
  for (const each of all) told.push(await standing(cutover, each))
  return told
}

const [accepted, refused] = ['accepted', 'signature_invalid']

describe.each(engines)('after a regeneration on %s', (engine) => {
  it('without grace, every older secret is refused from the answer on', async () => {
    await using cutover = await startInProcess({ engine })
    const first = await createIntegrator(cutover)
    const second = await regenerate(cutover, first, 3600)
    const third = await regenerate(cutover, second, 60)
    expect(await standings(cutover, first, second, third)).toEqual([accepted, accepted, accepted])
    const fourth = await regenerate(cutover, third)
    expect(fourth.oldSecretExpiresAt).toBeUndefined()
    expect(await standings(cutover, first, second, third, fourth)).toEqual([refused, refused, refused, accepted])
  })

  it.each(['a warm cache', 'a cold cache', 'a restart'])(
    'the old secret is accepted to the last millisecond of its grace and refused at its end, with %s',
    async (memory) => {
      const before = await startInProcess({ engine })
      await using _ = before
      const old = await createIntegrator(before)
      const young = await regenerate(before, old, 60)
      const endMs = before.clock.nowMs + 60_000
      expect(young.oldSecretExpiresAt).toBe(iso(endMs))
      if (memory === 'a warm cache') expect(await standings(before, old, young)).toEqual([accepted, accepted])
      await using cutover = memory === 'a restart' ? await before.restart() : before
      const forget = () => (memory === 'a cold cache' ? cutover.cutover.node.dropAll() : undefined)
      for (const [nowMs, ofOld] of [
        [endMs - 1, accepted],
        [endMs, refused],
        [endMs + 3_600_000, refused],
      ] as const) {
        cutover.clock.nowMs = nowMs
        forget()
        expect([nowMs - endMs, ...(await standings(cutover, old, young))]).toEqual([nowMs - endMs, ofOld, accepted])
      }
    },
  )

  it('is the end the same when the restart comes after it was seen, and the clock is what counts', async () => {
    await using before = await startInProcess({ engine })
    const old = await createIntegrator(before)
    const young = await regenerate(before, old, 60)
    before.clock.nowMs += 60_000
    expect(await standings(before, old, young)).toEqual([refused, accepted])
    await using cutover = await before.restart()
    expect(await standings(cutover, old, young)).toEqual([refused, accepted])
    cutover.clock.nowMs -= 1
    expect(await standings(cutover, old, young)).toEqual([accepted, accepted])
  })

  it('a secret in its grace keeps its own earlier end', async () => {
    await using cutover = await startInProcess({ engine })
    const first = await createIntegrator(cutover)
    const second = await regenerate(cutover, first, 60)
    const firstEndMs = cutover.clock.nowMs + 60_000
    cutover.clock.nowMs += 30_000
    const third = await regenerate(cutover, second, 3600)
    const secondEndMs = cutover.clock.nowMs + 3_600_000
    expect(await secretsOf(cutover, third)).toEqual([
      { fingerprint: fingerprintOf(third.secret), state: 'current', expiresAt: null },
      { fingerprint: fingerprintOf(second.secret), state: 'retiring', expiresAt: iso(secondEndMs) },
      { fingerprint: fingerprintOf(first.secret), state: 'retiring', expiresAt: iso(firstEndMs) },
    ])
    cutover.clock.nowMs = firstEndMs - 1
    expect(await standings(cutover, first, second, third)).toEqual([accepted, accepted, accepted])
    cutover.clock.nowMs = firstEndMs
    expect(await standings(cutover, first, second, third)).toEqual([refused, accepted, accepted])
    cutover.clock.nowMs = secondEndMs
    expect(await standings(cutover, first, second, third)).toEqual([refused, refused, accepted])
  })

  it('a secret in its grace gets no earlier end either, when the next grace is shorter', async () => {
    await using cutover = await startInProcess({ engine })
    const first = await createIntegrator(cutover)
    const second = await regenerate(cutover, first, 60)
    const third = await regenerate(cutover, second, 1)
    cutover.clock.nowMs += 1000
    expect(await standings(cutover, first, second, third)).toEqual([accepted, refused, accepted])
    cutover.clock.nowMs += 58_999
    expect(await standing(cutover, first)).toBe(accepted)
    cutover.clock.nowMs += 1
    expect(await standing(cutover, first)).toBe(refused)
  })

  it('a secret that has ended stays refused whatever follows', async () => {
    await using cutover = await startInProcess({ engine })
    const first = await createIntegrator(cutover)
    const second = await regenerate(cutover, first, 1)
    cutover.clock.nowMs += 1000
    const third = await regenerate(cutover, second, 3600)
    expect(await standings(cutover, first, second, third)).toEqual([refused, accepted, accepted])
  })

  it('only the current secret may regenerate: a retiring one gets a conflict, and no secret', async () => {
    await using cutover = await startInProcess({ engine })
    const old = await createIntegrator(cutover)
    const young = await regenerate(cutover, old, 60)
    for (const graceSeconds of [0, 60]) {
      const response = await cutover.call(regeneration(cutover, old, graceSeconds))
      expect(problemOf(response)).toEqual([409, 'rotation_conflict'])
      expect(response.json().detail).toBe('Only the current secret may sign this')
      expect(response.body).not.toMatch(/ints_|sha256/)
    }
    expect(await currentSecrets(cutover, old.id)).toEqual([fingerprintOf(young.secret)])
    expect(await standings(cutover, old, young)).toEqual([accepted, accepted])
  })

  it('answers to a retiring secret, errors too, say when it ends and what to sign with; others do not', async () => {
    await using cutover = await startInProcess({ engine })
    const old = await createIntegrator(cutover)
    expect(toldBy(await askOwn(cutover, old))).toEqual([undefined, undefined])
    const young = await regenerate(cutover, old, 60)
    const told = [iso(cutover.clock.nowMs + 60_000), fingerprintOf(young.secret)]
    const body = '{"oldSecretValidForSeconds":"x"}'
    const badBody = { method: 'POST', url: '/v1/integrator/regenerate-secret', body } as const
    const calls = [
      [signed(cutover, old, { url: '/v1/integrator' }), 200],
      [regeneration(cutover, old), 409],
      [signed(cutover, old, badBody), 422],
      [signed(cutover, old, { ...badBody, headers: { 'content-type': 'text/plain' } }), 415],
    ] as const
    for (const [call, status] of calls) {
      const response = await cutover.call(call)
      expect([response.statusCode, ...toldBy(response)]).toEqual([status, ...told])
    }
    for (const response of [
      await askOwn(cutover, young),
      await cutover.call(signed(cutover, young, badBody)),
      await askOwn(cutover, { ...old, secret: 'ints_another' }),
      await cutover.call(regeneration(cutover, young, 60)),
    ]) {
      expect(toldBy(response)).toEqual([undefined, undefined])
    }
  })
})

function toldBy({ headers }: Awaited<ReturnType<InProcess['call']>>) {
  return [headers['cutover-secret-sunset'], headers['cutover-current-secret']]
}
