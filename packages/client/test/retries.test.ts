import { ApiError, type CutoverClient, NetworkError, TimeoutError } from '@cutover/client'
import { signRequest } from '@cutover/signing'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { type Fault, FaultyProxy } from './faulty-proxy.ts'
import { rejection, startListening } from './listening-cutover.ts'

const cutover = await startListening({ environment: { CUTOVER_MAX_ACTIVE_SECRETS: '500' } })
const proxy = await FaultyProxy.before(cutover.baseUrl)
const direct = cutover.client()
/** Waits no longer than it must for what hangs, and as long as a busy machine needs for all else. */
const impatient = cutover.client({ baseUrl: proxy.baseUrl, timeoutMs: 500 })
const patient = cutover.client({ baseUrl: proxy.baseUrl })
const unavailable = { status: 503, headers: { 'retry-after': '0' } }
const web = { web: true, ios: false, android: false }

afterAll(async () => {
  await proxy[Symbol.asyncDispose]()
  await cutover[Symbol.asyncDispose]()
})
beforeEach(() => {
  proxy.plan = []
  proxy.seen.splice(0)
})

/** Each way in which an attempt ends without anybody knowing whether it was done. */
const unknownOutcomes: readonly (readonly [name: string, fault: Fault])[] = [
  ['never arrived', 'never_arrives'],
  ['was done, and its answer lost', 'answer_lost'],
  ['was done, and its answer cut', 'answer_cut'],
  ['was done, and its answer stalled', 'answer_stalls'],
  ['hung', 'hangs'],
  ['was answered 500', { status: 500 }],
  ['was answered 502 by a proxy', { status: 502, body: '<html>Bad gateway</html>' }],
  ['was answered 503', unavailable],
  ['was answered 504', { status: 504 }],
]

const clientFor = (fault: Fault) => (fault === 'hangs' || fault === 'answer_stalls' ? impatient : patient)

describe.each(unknownOutcomes)('a call whose first attempt %s', (outcome, fault) => {
  const client = clientFor(fault)

  it('is sent again where it reads', async () => {
    proxy.plan = [fault]
    expect(await client.settings.read()).toEqual(await direct.settings.read())
    expect(proxy.seen).toHaveLength(2)
  })

  it('makes one secret where it creates, with the same Idempotency-Key each time, and returns it', async () => {
    const name = `one that ${outcome}`
    proxy.plan = [fault]
    const created = await client.identitySecrets.create({ name, platforms: web })
    expect(proxy.seen.map(({ headers }) => headers['idempotency-key'])).toEqual(
      Array(2).fill(expect.stringMatching(/^[0-9a-f]{32}$/)),
    )
    expect(new Set(proxy.seen.map(({ headers, body }) => `${headers['idempotency-key']} ${body}`)).size).toBe(1)
    const made = (await direct.secureModeSecrets.list()).data.filter((each) => each.name === name)
    expect(made.map(({ id }) => id)).toEqual([created.id])
    expect(created.secret).toMatch(/^[A-Za-z0-9_-]{43}$/)
  })
})

/** What is done about one of them is done about each, which src/retry.test.ts sees to. */
const representative = unknownOutcomes.filter(
  ([, fault]) =>
    fault === 'never_arrives' || fault === 'answer_lost' || fault === 'answer_stalls' || fault === unavailable,
)

describe.each(representative)('a change whose first attempt %s', (_outcome, fault) => {
  const client = clientFor(fault)

  it('is a delete that is done, in both dialects', async () => {
    for (const group of ['identitySecrets', 'secureModeSecrets'] as const) {
      const { id } = await direct.identitySecrets.create({ name: 'A', platforms: web })
      proxy.plan = [fault]
      const { revocationEpoch } = await client[group].delete(id)
      const wasDone = fault === 'answer_lost' || fault === 'answer_stalls'
      expect(revocationEpoch).toEqual(wasDone ? null : expect.any(Number))
      expect((await direct.identitySecrets.read(id)).state).toBe('deleted')
    }
  })

  it('is never repeated where it consumes a signature, and is where it does not', async () => {
    const { question } = await signedQuestion(direct)
    proxy.plan = [fault]
    await expect(client.verifications.verifyRequest({ ...question, consume: true })).rejects.toThrow()
    expect(proxy.seen).toHaveLength(1)
    const { question: another } = await signedQuestion(direct)
    proxy.plan = [fault]
    expect(await client.verifications.verifyRequest(another)).toMatchObject({ verified: true })
    expect(proxy.seen).toHaveLength(3)
  })

  it('is not sent again where a repeat would make another, or move an end', async () => {
    const { id } = await direct.identitySecrets.create({ name: 'A', platforms: web })
    const calls = [
      () => client.workspaces.create('Another'),
      () => client.identitySecrets.retire(id, { afterSeconds: 60 }),
      () => client.identitySecrets.disable(id, { revertAfterSeconds: 60 }),
    ]
    for (const call of calls) {
      proxy.plan = [fault]
      proxy.seen.splice(0)
      await expect(call()).rejects.toThrow()
      expect(proxy.seen).toHaveLength(1)
    }
  })
})

describe('a call', () => {
  const client = patient

  it.each([400, 401, 403, 404, 405, 409, 413, 415, 422])('is not sent again after a %i', async (status) => {
    proxy.plan = [{ status }]
    expect(await rejection(client.settings.read(), ApiError)).toMatchObject({ status, attempts: 1, mayBeDone: false })
    expect(proxy.seen).toHaveLength(1)
  })

  it('is sent three times in all, or as often as the client is told, and then tells the last error', async () => {
    proxy.plan = [{ status: 500 }, 'never_arrives', unavailable]
    expect(await rejection(client.settings.read(), ApiError)).toMatchObject({
      status: 503,
      attempts: 3,
      mayBeDone: true,
    })
    expect(proxy.seen).toHaveLength(3)
    proxy.plan = ['hangs', 'hangs', 'hangs']
    await rejection(impatient.settings.read(), TimeoutError)
    expect(proxy.seen).toHaveLength(6)
    proxy.plan = ['never_arrives']
    await rejection(cutover.client({ baseUrl: proxy.baseUrl, retries: 0 }).settings.read(), NetworkError)
    expect(proxy.seen).toHaveLength(7)
  })

  it('is sent again after a 429, also where it must not be done twice: nothing was done', async () => {
    const { question } = await signedQuestion(direct)
    proxy.plan = [{ status: 429, headers: { 'retry-after': '0' } }]
    expect(await client.verifications.verifyRequest({ ...question, consume: true })).toMatchObject({ verified: true })
    proxy.plan = [{ status: 429, headers: { 'retry-after': '0' } }]
    const before = (await direct.workspaces.list()).data.length
    await client.workspaces.create('After a 429')
    expect((await direct.workspaces.list()).data).toHaveLength(before + 1)
  })

  it('waits at least as long as Retry-After says', async () => {
    proxy.plan = [{ status: 429, headers: { 'retry-after': '1' } }]
    await client.settings.read()
    const [first, second] = proxy.seen.map(({ atMs }) => atMs)
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(999)
  })

  it('gives up where Retry-After is longer than 30 s, and tells it', async () => {
    proxy.plan = [{ status: 503, headers: { 'retry-after': '31' } }]
    const error = await rejection(client.settings.read(), ApiError)
    expect(error).toMatchObject({ status: 503, retryAfterSeconds: 31, attempts: 1 })
    expect(proxy.seen).toHaveLength(1)
  })

  it('takes no 404 for a delete that was done where nothing was lost', async () => {
    proxy.plan = [{ status: 429, headers: { 'retry-after': '0' } }]
    const error = await rejection(client.secureModeSecrets.delete('999999'), ApiError)
    expect(error).toMatchObject({ status: 404, attempts: 2, mayBeDone: false })
  })

  it('takes no 404 of somebody else for a delete that was done', async () => {
    proxy.plan = ['never_arrives', { status: 404, body: 'no such backend' }]
    const error = await rejection(client.secureModeSecrets.delete('1'), ApiError)
    expect(error).toMatchObject({ status: 404, code: 'unexpected_answer', mayBeDone: true })
  })

  it.each([200, 202, 203])('takes no %i for a deletion, with whatever body', async (status) => {
    for (const body of ['', '<html>Log in to the network</html>', '{}']) {
      proxy.plan = [{ status, body }]
      const error = await rejection(client.identitySecrets.delete('1'), ApiError)
      expect(error).toMatchObject({ status, code: 'unexpected_answer', dialect: 'unknown', attempts: 1 })
    }
  })

  it('with a key of the caller makes one thing, however often it is made, and gives the same answer', async () => {
    const make = () =>
      client.identitySecrets.create({ name: 'resumed', platforms: web }, { idempotencyKey: 'the rotation of a Friday' })
    // A space is no visible ASCII character.
    await rejection(make(), ApiError)
    const resumed = { idempotencyKey: 'the-rotation-of-a-Friday' }
    const first = await client.identitySecrets.create({ name: 'resumed', platforms: web }, resumed)
    expect(await client.identitySecrets.create({ name: 'resumed', platforms: web }, resumed)).toEqual(first)
    const other = client.identitySecrets.create({ name: 'another', platforms: web }, resumed)
    expect(await rejection(other, ApiError)).toMatchObject({ code: 'idempotency_key_reused', status: 422 })
  })

  it('that makes something makes one, in each of the ways there are', async () => {
    const { id } = await direct.identitySecrets.create({ name: 'A', platforms: web })
    const token = await direct.accessTokens.create({ name: 'A', scopes: ['verify'] })
    const integrator = await direct.integrators.create({ name: 'Acme' })
    const made: readonly (() => Promise<unknown>)[] = [
      () => client.secureModeSecrets.create({ name: 'A', supports_web: true }),
      () => client.identitySecrets.rotate(id, { graceSeconds: 60 }),
      () => client.accessTokens.create({ name: 'A', scopes: ['verify'] }),
      () => client.accessTokens.rotate(token.id, { oldTokenValidForSeconds: 60 }),
      () => client.integrators.create({ name: 'Acme' }),
      () => client.integrators.recoverSecret(integrator.key),
    ]
    const before = await count()
    for (const make of made) {
      proxy.plan = ['answer_lost']
      await make()
    }
    expect(await count()).toEqual({
      secrets: before.secrets + 2,
      tokens: before.tokens + 2,
      integrators: before.integrators + 1,
    })
    expect((await direct.integrators.read(integrator.id)).secrets).toHaveLength(1)
    const keys = proxy.seen.map(({ headers }) => headers['idempotency-key'])
    expect([keys.length, new Set(keys).size]).toEqual([12, 6])
  })

  it('waits for the first with its key where that is still running', async () => {
    const body = problem('idempotency_conflict', 409)
    const name = 'still running'
    proxy.plan = [
      { status: 409, body },
      { status: 409, body: errorList('conflict') },
    ]
    await client.identitySecrets.create({ name, platforms: web })
    expect(proxy.seen).toHaveLength(3)
    proxy.plan = [{ status: 409, body: problem('invalid_state', 409) }]
    await rejection(client.identitySecrets.create({ name, platforms: web }), ApiError)
    expect(proxy.seen).toHaveLength(4)
  })

  it('sends each attempt what it was given, though the caller changes it meanwhile', async () => {
    const fields = { name: 'as given', platforms: { ...web } }
    proxy.plan = ['hangs']
    const arrived = proxy.arrival()
    const created = impatient.identitySecrets.create(fields)
    await arrived
    fields.name = 'changed meanwhile'
    expect((await created).name).toBe('as given')
  })
})

describe('states that are reached already', () => {
  const client = patient

  it('are the answer of a repeat whose first attempt was done', async () => {
    const { id } = await direct.identitySecrets.create({ name: 'A', platforms: web })
    const steps: readonly (readonly [state: string, change: () => Promise<{ readonly state: string }>])[] = [
      ['disabled', () => client.identitySecrets.disable(id)],
      ['active', () => client.identitySecrets.enable(id)],
      ['active', () => client.identitySecrets.edit(id, { name: 'B' })],
      ['active', () => client.identitySecrets.cancelRetirement(id)],
    ]
    for (const [state, change] of steps) {
      proxy.plan = ['answer_lost']
      expect((await change()).state).toBe(state)
    }
    await direct.identitySecrets.delete(id)
    proxy.plan = ['answer_lost']
    expect((await client.identitySecrets.restore(id)).state).toBe('disabled')
    proxy.plan = ['answer_lost']
    expect((await client.identitySecrets.retire(id, { afterSeconds: 0 })).state).toBe('expired')
  })

  it('are the answer of a repeated delete of an integrator, a workspace or a token as well', async () => {
    const integrator = await direct.integrators.create({ name: 'Acme' })
    const workspace = await direct.workspaces.create('A')
    const token = await direct.accessTokens.create({ name: 'A', scopes: ['verify'] })
    proxy.plan = ['answer_lost', 'pass', 'answer_lost', 'pass', 'answer_lost']
    expect(await client.integrators.delete(integrator.id)).toEqual({ revocationEpoch: null })
    expect(await client.workspaces.delete(workspace.id)).toEqual({ revocationEpoch: null })
    expect((await client.accessTokens.revoke(token.id)).revocationEpoch).toBeGreaterThan(0)
  })
})

async function count() {
  const secrets = (await direct.secureModeSecrets.list()).data.length
  const tokens = (await direct.accessTokens.list({ limit: 200 })).data.length
  const integrators = (await direct.integrators.list({ limit: 200 })).data.length
  return { secrets, tokens, integrators }
}

async function signedQuestion(by: CutoverClient) {
  const { key, secret } = await by.integrators.create({ name: 'Acme' })
  const signed = signRequest({ key, secret }, { method: 'POST', path: '/payouts', body: '{}' })
  const bodySha256 = '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'
  const [timestamp, signature] = [signed['X-Timestamp'], signed['X-Signature']]
  return { question: { integratorKey: key, timestamp, method: 'POST', path: '/payouts', bodySha256, signature } }
}

function problem(code: string, status: number): string {
  return JSON.stringify({ type: `urn:cutover:problem:${code}`, title: 'T', status, detail: 'D', instance: '/', code })
}

function errorList(code: string): string {
  return JSON.stringify({ type: 'error.list', request_id: crypto.randomUUID(), errors: [{ code, message: 'M' }] })
}
