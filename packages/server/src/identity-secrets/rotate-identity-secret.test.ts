import { describe, expect, it } from 'vitest'
import { expectProblem, IdentitySecrets, isoTime } from '../../test/identity-secrets.ts'
import { engines, type InProcess, startInProcess } from '../../test/in-process.ts'
import type { IdentitySecretId } from './identity-secret.ts'
import { type AwaitedPorts, startAwaitedGrace } from './start-awaited-grace.ts'

const second = 1000
const day = 86_400 * second

async function prepare(cutover: InProcess) {
  const secrets = new IdentitySecrets(cutover)
  const old = await secrets.create({ platforms: { web: true, android: true } })
  return { secrets, old, beginMs: cutover.clock.nowMs }
}

/** What the server does once the successor has verified something. */
function firstUse(cutover: InProcess, ...ids: string[]): Promise<void> {
  const { store, node } = cutover.cutover
  const ports: AwaitedPorts = {
    ...{ store, barrier: node, marks: null, lease: node },
    system: { nowMs: () => cutover.clock.nowMs, randomBytes: (length) => new Uint8Array(length) },
    secrets: store.read.identitySecrets,
  }
  return startAwaitedGrace(ports, ids as IdentitySecretId[]) // sound: ids that the server gave out
}

describe.each(engines)('a rotation on %s', (engine) => {
  it('makes a successor with the same name and platforms, and the old one retires a day later', async () => {
    await using cutover = await startInProcess({ engine })
    const { secrets, old, beginMs } = await prepare(cutover)
    const response = await secrets.act(old.id, 'rotate')
    expect([response.statusCode, response.headers['cache-control']]).toEqual([201, 'no-store'])
    expect(response.headers['cutover-revocation-epoch']).toMatch(/^[1-9][0-9]*$/)
    const successor = response.json()
    expect(successor).toMatchObject({ name: 'Spring', platforms: old.platforms, state: 'active', successorId: null })
    expect(successor.secret).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(await secrets.read(old.id)).toMatchObject({
      state: 'retiring',
      expiresAt: isoTime(beginMs + day),
      successorId: successor.id,
    })
    expect([await secrets.verifies(old.secret), await secrets.verifies(successor.secret)]).toEqual([true, true])
    cutover.clock.nowMs = beginMs + day - 1
    expect(await secrets.verifiesWarmAndCold(old.secret)).toEqual([true, true])
    cutover.clock.nowMs = beginMs + day
    expect(await secrets.verifiesWarmAndCold(old.secret)).toEqual([false, false])
    expect(await secrets.verifies(successor.secret)).toBe(true)
    expect((await secrets.entries(old.id)).at(-1)).toMatchObject({
      action: 'identity_secret.rotated',
      metadata: { successorId: successor.id, fingerprint: successor.fingerprint, start: 'now', graceSeconds: 86_400 },
    })
  })

  it('without a grace refuses the old one from the answer on, and takes another name when it is given one', async () => {
    await using cutover = await startInProcess({ engine })
    const { secrets, old } = await prepare(cutover)
    expect(await secrets.verifies(old.secret)).toBe(true)
    const successor = await secrets.rotate(old.id, { graceSeconds: 0, name: ' Summer ' })
    expect(successor.name).toBe('Summer')
    expect(await secrets.verifiesWarmAndCold(old.secret)).toEqual([false, false])
    cutover.clock.nowMs -= 500
    expect(await secrets.verifiesWarmAndCold(old.secret)).toEqual([false, false])
    expect(await secrets.verifies(successor.secret)).toBe(true)
  })

  it('never gives the old one a later end than it had', async () => {
    await using cutover = await startInProcess({ engine })
    const { secrets, old, beginMs } = await prepare(cutover)
    await secrets.after(old.id, 'retire', { afterSeconds: 60 })
    await secrets.rotate(old.id, { graceSeconds: 3600 })
    expect((await secrets.read(old.id)).expiresAt).toBe(isoTime(beginMs + 60 * second))
  })

  it('is refused once there is a successor, until that is deleted', async () => {
    await using cutover = await startInProcess({ engine })
    const { secrets, old, beginMs } = await prepare(cutover)
    const successor = await secrets.rotate(old.id, { graceSeconds: 3600 })
    const again = await secrets.act(old.id, 'rotate')
    expectProblem(again, 409, 'rotation_conflict', 'The secret was rotated already')
    expect((await secrets.list()).data).toHaveLength(2)
    await secrets.delete(successor.id)
    const next = await secrets.rotate(old.id, { graceSeconds: 7200 })
    expect(await secrets.read(old.id)).toMatchObject({
      successorId: next.id,
      expiresAt: isoTime(beginMs + 3600 * second),
    })
  })

  it('of one secret by several at once has one winner', async () => {
    await using cutover = await startInProcess({ engine })
    const { secrets, old } = await prepare(cutover)
    const answers = await Promise.all(Array.from({ length: 8 }, () => secrets.act(old.id, 'rotate')))
    const statuses = answers.map(({ statusCode }) => statusCode).sort()
    expect(statuses).toEqual([201, ...Array.from({ length: 7 }, () => 409)])
    expect((await secrets.list()).data).toHaveLength(2)
  })

  it('with the same Idempotency-Key happens once, and the same answer comes again byte for byte', async () => {
    await using cutover = await startInProcess({ engine })
    const { secrets, old } = await prepare(cutover)
    const url = `/v1/identity-secrets/${old.id}/rotate`
    const request = { method: 'POST', url, payload: {}, headers: { 'idempotency-key': 'k' } } as const
    const [first, again] = [await cutover.call(request), await cutover.call(request)]
    expect([first.statusCode, again.statusCode, again.body]).toEqual([201, 201, first.body])
    await secrets.delete(first.json().id)
    expect((await cutover.call(request)).json().code).toBe('idempotency_conflict')
  })

  it('past the limit of live secrets is refused, and leaves the old one as it was', async () => {
    await using cutover = await startInProcess({ engine, environment: { CUTOVER_MAX_ACTIVE_SECRETS: '1' } })
    const { secrets, old } = await prepare(cutover)
    expectProblem(await secrets.act(old.id, 'rotate'), 422, 'limit_reached', 'At most 1 live secrets are allowed')
    expect(await secrets.read(old.id)).toMatchObject({ state: 'active', expiresAt: null, successorId: null })
  })
})

describe.each(engines)('a rotation that waits for the first use, on %s', (engine) => {
  const waiting = { start: 'first_use', graceSeconds: 60, noLaterThanSeconds: 3600 }

  it('ends the old one so long after the first use of the successor, not after its making', async () => {
    await using cutover = await startInProcess({ engine })
    const { secrets, old, beginMs } = await prepare(cutover)
    const successor = await secrets.rotate(old.id, waiting)
    expect(await secrets.read(old.id)).toMatchObject({
      state: 'retiring',
      expiresAt: isoTime(beginMs + 3600 * second),
    })
    cutover.clock.nowMs = beginMs + 600 * second
    expect(await secrets.verifies(old.secret)).toBe(true)
    await firstUse(cutover, '999', successor.id)
    const endMs = beginMs + 660 * second
    expect((await secrets.read(old.id)).expiresAt).toBe(isoTime(endMs))
    cutover.clock.nowMs = endMs - 1
    expect(await secrets.verifiesWarmAndCold(old.secret)).toEqual([true, true])
    cutover.clock.nowMs = endMs
    expect(await secrets.verifiesWarmAndCold(old.secret)).toEqual([false, false])
    expect((await secrets.entries(old.id)).at(-1)).toMatchObject({
      action: 'identity_secret.retired',
      actor: { type: 'system', id: 'first-use' },
      metadata: { expiresAt: isoTime(endMs), successorId: successor.id },
    })
  })

  it('notices the first use through a verification by itself', async () => {
    await using cutover = await startInProcess({ engine })
    const { secrets, old, beginMs } = await prepare(cutover)
    const successor = await secrets.rotate(old.id, waiting)
    cutover.clock.nowMs += 5 * second
    expect(await secrets.verifies(successor.secret)).toBe(true)
    await cutover.call({ url: '/v1/settings/readiness' }) // What was counted is in the store with this answer.
    await expect.poll(async () => (await secrets.read(old.id)).expiresAt).toBe(isoTime(beginMs + 65 * second))
  })

  it('ends it once: a second use moves nothing and records nothing', async () => {
    await using cutover = await startInProcess({ engine })
    const { secrets, old, beginMs } = await prepare(cutover)
    const successor = await secrets.rotate(old.id, waiting)
    await Promise.all([firstUse(cutover, successor.id), firstUse(cutover, successor.id)])
    cutover.clock.nowMs += 30 * second
    await firstUse(cutover, successor.id)
    expect((await secrets.read(old.id)).expiresAt).toBe(isoTime(beginMs + 60 * second))
    expect(await secrets.entries(old.id)).toHaveLength(3)
  })

  it('ends it no later than was said, used or not', async () => {
    await using cutover = await startInProcess({ engine })
    const { secrets, old, beginMs } = await prepare(cutover)
    const successor = await secrets.rotate(old.id, waiting)
    const endMs = beginMs + 3600 * second
    cutover.clock.nowMs = endMs - 10 * second
    await firstUse(cutover, successor.id)
    expect((await secrets.read(old.id)).expiresAt).toBe(isoTime(endMs))
    cutover.clock.nowMs = endMs - 1
    expect(await secrets.verifies(old.secret)).toBe(true)
    cutover.clock.nowMs = endMs
    expect(await secrets.verifiesWarmAndCold(old.secret)).toEqual([false, false])
    const entries = await secrets.entries(old.id)
    await firstUse(cutover, successor.id)
    expect(await secrets.entries(old.id)).toEqual(entries)
  })

  it.each([
    ['a canceled retirement', 'cancel-retirement', {}, null],
    ['another end', 'retire', { afterSeconds: 1800 }, 1800 * second],
  ] as const)('is overruled by %s', async (_title, action, body, leftMs) => {
    await using cutover = await startInProcess({ engine })
    const { secrets, old, beginMs } = await prepare(cutover)
    const successor = await secrets.rotate(old.id, waiting)
    await secrets.after(old.id, action, body)
    await firstUse(cutover, successor.id)
    expect((await secrets.read(old.id)).expiresAt).toBe(leftMs === null ? null : isoTime(beginMs + leftMs))
  })

  it('waits for the successor there is now, not for one that was deleted', async () => {
    await using cutover = await startInProcess({ engine })
    const { secrets, old, beginMs } = await prepare(cutover)
    const first = await secrets.rotate(old.id, waiting)
    await secrets.delete(first.id)
    const next = await secrets.rotate(old.id, waiting)
    await firstUse(cutover, first.id)
    expect((await secrets.read(old.id)).expiresAt).toBe(isoTime(beginMs + 3600 * second))
    await firstUse(cutover, next.id)
    expect((await secrets.read(old.id)).expiresAt).toBe(isoTime(beginMs + 60 * second))
  })
})

describe('a request to rotate', () => {
  it.each<[object, string, string]>([
    [{ graceSeconds: -1 }, 'graceSeconds', 'graceSeconds must be at least 0'],
    [{ graceSeconds: 2_592_001 }, 'graceSeconds', 'graceSeconds must be at most 2592000'],
    [{ graceSeconds: 1.5 }, 'graceSeconds', 'graceSeconds must be an integer'],
    [{ graceSeconds: null }, 'graceSeconds', 'graceSeconds must be an integer'],
    [{ start: 'later' }, 'start', 'start must be one of now, first_use'],
    [{ start: 'first_use' }, 'noLaterThanSeconds', 'noLaterThanSeconds is required with start first_use'],
    [
      { start: 'first_use', graceSeconds: 59, noLaterThanSeconds: 60 },
      'graceSeconds',
      'graceSeconds must be at least 60 with start first_use',
    ],
    [{ start: 'first_use', noLaterThanSeconds: 59 }, 'noLaterThanSeconds', 'noLaterThanSeconds must be at least 60'],
    [
      { start: 'first_use', noLaterThanSeconds: 2_592_001 },
      'noLaterThanSeconds',
      'noLaterThanSeconds must be at most 2592000',
    ],
    [{ noLaterThanSeconds: 60 }, 'noLaterThanSeconds', 'noLaterThanSeconds goes with start first_use only'],
    [{ secret: 'x'.repeat(20) }, 'secret', 'secret is not a known field'],
    [{ name: ' ' }, 'name', 'name is required'],
  ])('%j is refused: %s', async (body, field, message) => {
    await using cutover = await startInProcess()
    const { secrets, old } = await prepare(cutover)
    const response = await secrets.act(old.id, 'rotate', body)
    expectProblem(response, 422, 'validation_failed', message)
    expect(response.json().errors).toEqual([{ field, message }])
    expect((await secrets.list()).data).toHaveLength(1)
  })
})
