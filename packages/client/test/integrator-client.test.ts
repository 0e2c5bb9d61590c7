import { randomBytes } from 'node:crypto'
import { ApiError, NetworkError } from '@cutover/client'
import { IntegratorClient } from '@cutover/client/integrator'
import { secretFingerprint } from '@cutover/signing'
import { describe, expect, it } from 'vitest'
import { FaultyProxy } from './faulty-proxy.ts'
import { type ListeningCutover, rejection, startListening } from './listening-cutover.ts'

const hourMs = 3_600_000

/** A server whose clock is so far from the one here. */
function startAhead(byMs: () => number): Promise<ListeningCutover> {
  return startListening({ system: { nowMs: () => Date.now() + byMs(), randomBytes } })
}

describe('an integrator', () => {
  it('sees itself, and replaces its secret while the old one is in use, and is told when that ends', async () => {
    await using cutover = await startListening()
    const { key, secret } = await cutover.client().integrators.create({ name: 'Acme' })
    const old = cutover.integrator({ key, secret })
    expect(await old.self()).toMatchObject({ key, name: 'Acme', sunset: null })
    const regenerated = await old.regenerateSecret({ oldSecretValidForSeconds: 60 })
    const renewed = cutover.integrator({ key, secret: regenerated.secret })
    expect((await renewed.self()).sunset).toBe(null)
    expect(await old.self()).toMatchObject({
      sunset: {
        expiresAt: regenerated.oldSecretExpiresAt,
        currentFingerprint: secretFingerprint(regenerated.secret),
      },
      secrets: [{ state: 'current' }, { state: 'retiring' }],
    })
    expect(await rejection(old.regenerateSecret(), ApiError)).toMatchObject({ status: 409, code: 'rotation_conflict' })
    await renewed.regenerateSecret()
    expect(await rejection(renewed.self(), ApiError)).toMatchObject({ status: 401, code: 'signature_invalid' })
  })

  it('is recovered by an operator, once for one Idempotency-Key', async () => {
    await using cutover = await startListening()
    const { integrators } = cutover.client()
    const { key } = await integrators.create({ name: 'Acme' })
    const first = await integrators.recoverSecret(key, {}, { idempotencyKey: 'once' })
    expect(await integrators.recoverSecret(key, {}, { idempotencyKey: 'once' })).toEqual(first)
    expect((await cutover.integrator({ key, secret: first.secret }).self()).secrets).toHaveLength(1)
  })
})

describe('a clock that is off', () => {
  it.each([5 * hourMs, -5 * hourMs, 400_000, -400_000])('by %i ms is corrected once, and stays so', async (byMs) => {
    await using cutover = await startAhead(() => byMs)
    await using proxy = await FaultyProxy.before(cutover.baseUrl)
    const { key, secret } = await cutover.client().integrators.create({ name: 'Acme' })
    const client = cutover.integrator({ key, secret, baseUrl: proxy.baseUrl, retries: 0 })
    expect((await client.self()).key).toBe(key)
    expect(proxy.seen).toHaveLength(2)
    const { secret: renewed } = await client.regenerateSecret({ oldSecretValidForSeconds: 60 })
    await client.self()
    expect(proxy.seen).toHaveLength(4)
    expect(renewed).toMatch(/^ints_/)
  })

  it('is corrected by the same amount, however many calls find it out at once', async () => {
    await using cutover = await startAhead(() => 5 * hourMs)
    await using proxy = await FaultyProxy.before(cutover.baseUrl)
    const { key, secret } = await cutover.client().integrators.create({ name: 'Acme' })
    const client = cutover.integrator({ key, secret, baseUrl: proxy.baseUrl, retries: 0 })
    const arrived = proxy.arrival()
    const calls = [client.self(), client.self(), client.self()]
    await arrived
    await Promise.all(calls)
    await client.self()
    expect(proxy.seen).toHaveLength(7)
  })

  it('is corrected anew where it changes, and no more than once in a call', async () => {
    let aheadMs = 5 * hourMs
    await using cutover = await startAhead(() => aheadMs)
    const { key, secret } = await cutover.client().integrators.create({ name: 'Acme' })
    await using proxy = await FaultyProxy.before(cutover.baseUrl)
    const client = cutover.integrator({ key, secret, baseUrl: proxy.baseUrl, retries: 0 })
    await client.self()
    aheadMs = 0
    await client.self()
    expect(proxy.seen).toHaveLength(4)
    const restless = { status: 401, body: refusal('timestamp_out_of_range', { skewMs: 1000, serverTime: 'now' }) }
    proxy.plan = [restless, restless]
    expect(await rejection(client.self(), ApiError)).toMatchObject({ code: 'timestamp_out_of_range', attempts: 2 })
    expect(proxy.seen).toHaveLength(6)
  })

  it.each([1e15, -1e15, Number.MAX_VALUE, 0.5e-300])(
    'is not corrected by %d ms out of what a timestamp can hold',
    async (skewMs) => {
      await using cutover = await startListening()
      await using proxy = await FaultyProxy.before(cutover.baseUrl)
      const { key, secret } = await cutover.client().integrators.create({ name: 'Acme' })
      const client = cutover.integrator({ key, secret, baseUrl: proxy.baseUrl, retries: 0 })
      proxy.plan = [{ status: 401, body: refusal('timestamp_out_of_range', { skewMs }) }]
      if (Math.abs(skewMs) > 1) await rejection(client.self(), ApiError)
      expect((await client.self()).key).toBe(key)
    },
  )
})

describe('a signature that was used before', () => {
  it('is made anew once, with another timestamp', async () => {
    await using cutover = await startListening()
    await using proxy = await FaultyProxy.before(cutover.baseUrl)
    const { key, secret } = await cutover.client().integrators.create({ name: 'Acme' })
    const client = cutover.integrator({ key, secret, baseUrl: proxy.baseUrl, retries: 0 })
    const replayed = { status: 401, body: refusal('signature_replayed') }
    proxy.plan = [replayed]
    await client.regenerateSecret({ oldSecretValidForSeconds: 60 })
    const stamps = proxy.seen.map(({ headers }) => headers['x-timestamp'])
    expect(new Set(stamps).size).toBe(2)
    proxy.plan = [replayed, replayed]
    const { code, attempts } = await rejection(client.regenerateSecret(), ApiError)
    expect([code, attempts]).toEqual(['signature_replayed', 2])
  })
})

describe('a regeneration whose answer is lost', () => {
  it('is refused when it is sent again, and makes no second secret', async () => {
    await using cutover = await startListening()
    await using proxy = await FaultyProxy.before(cutover.baseUrl)
    const { integrators } = cutover.client()
    for (const [graceSeconds, code] of [
      [60, 'rotation_conflict'],
      [0, 'signature_invalid'],
    ] as const) {
      const { id, key, secret } = await integrators.create({ name: 'Acme' })
      proxy.plan = ['answer_lost']
      const client = cutover.integrator({ key, secret, baseUrl: proxy.baseUrl })
      const lost = client.regenerateSecret({ oldSecretValidForSeconds: graceSeconds })
      expect(await rejection(lost, ApiError)).toMatchObject({ code, attempts: 2, mayBeDone: true })
      const { secrets } = await integrators.read(id)
      expect(secrets.filter(({ state }) => state === 'current')).toHaveLength(1)
      expect(secrets).toHaveLength(graceSeconds === 0 ? 1 : 2)
    }
  })

  it('is done by the second attempt where the first never arrived', async () => {
    await using cutover = await startListening()
    await using proxy = await FaultyProxy.before(cutover.baseUrl)
    const { key, secret } = await cutover.client().integrators.create({ name: 'Acme' })
    proxy.plan = ['never_arrives']
    const client = cutover.integrator({ key, secret, baseUrl: proxy.baseUrl })
    const regenerated = await client.regenerateSecret()
    expect((await cutover.integrator({ key, secret: regenerated.secret }).self()).key).toBe(key)
    proxy.plan = ['never_arrives', 'never_arrives', 'never_arrives']
    await rejection(client.self(), NetworkError)
  })
})

describe('the signature', () => {
  it('is over the body as it is sent, and another one with each attempt', async () => {
    await using cutover = await startListening()
    await using proxy = await FaultyProxy.before(cutover.baseUrl)
    const { key, secret } = await cutover.client().integrators.create({ name: 'Acme' })
    const client = new IntegratorClient({ key, secret, baseUrl: `${proxy.baseUrl}/` })
    proxy.plan = [{ status: 503, headers: { 'retry-after': '0' } }]
    await client.regenerateSecret({ oldSecretValidForSeconds: 60 })
    expect(new Set(proxy.seen.map(({ headers }) => headers['x-signature'])).size).toBe(2)
    expect(proxy.seen.map(({ body }) => body)).toEqual(Array(2).fill('{"oldSecretValidForSeconds":60}'))
    expect(proxy.seen.some(({ headers }) => 'authorization' in headers)).toBe(false)
  })
})

function refusal(code: string, further: object = {}): string {
  return JSON.stringify({ type: `urn:cutover:problem:${code}`, title: 'T', status: 401, detail: 'D', code, ...further })
}
