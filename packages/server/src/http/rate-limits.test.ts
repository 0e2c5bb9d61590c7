import type { LightMyRequestResponse } from 'fastify'
import { describe, expect, it } from 'vitest'
import { type InProcess, startInProcess } from '../../test/in-process.ts'
import { makeAccessToken } from '../access-tokens/token-format.ts'

const limit = 167
/** The clock of a test stands where a window begins. */
const windowBegins = Date.UTC(2026, 10, 21, 12) / 1000

const verify = { method: 'POST', url: '/v1/verifications', payload: { platform: 'web' } } as const
const list = { url: '/secure_mode_secrets' } as const
const health = { url: '/health' } as const

type Call = Parameters<InProcess['call']>[0]

async function statuses(cutover: InProcess, times: number, request: Call): Promise<Record<number, number>> {
  const counts: Record<number, number> = {}
  for (let turn = 0; turn < times; turn += 1) {
    const { statusCode } = await cutover.call(request)
    counts[statusCode] = (counts[statusCode] ?? 0) + 1
  }
  return counts
}

/** The headers that tell of a limit, in one order. */
function limitHeaders({ headers }: LightMyRequestResponse) {
  return [
    headers['x-ratelimit-limit'],
    headers['x-ratelimit-remaining'],
    headers['x-ratelimit-reset'],
    headers['retry-after'],
  ]
}

const unlimited = [undefined, undefined, undefined, undefined]

/** What is exact of a 429 of each dialect; the request id aside. */
function expectErrorList(response: LightMyRequestResponse) {
  expect(response.statusCode).toBe(429)
  expect(response.headers['content-type']).toBe('application/json; charset=utf-8')
  expect(response.json()).toEqual({
    type: 'error.list',
    request_id: response.headers['x-request-id'],
    errors: [{ code: 'rate_limit_exceeded', message: 'Exceeded rate limit of 167 in 10_seconds' }],
  })
}

function expectProblem(response: LightMyRequestResponse, path: string) {
  expect(response.statusCode).toBe(429)
  expect(response.headers['content-type']).toBe('application/problem+json; charset=utf-8')
  expect(response.json()).toEqual({
    type: 'urn:cutover:problem:rate_limit_exceeded',
    title: 'Too many requests',
    status: 429,
    detail: 'The header Retry-After says in how many seconds to try again',
    instance: `${path}#${response.headers['x-request-id']}`,
    code: 'rate_limit_exceeded',
  })
}

describe('the rate limit of a token', () => {
  it('lets 167 requests pass in 10 s, refuses the 168th, and lets the next window pass', async () => {
    await using cutover = await startInProcess()
    const reset = String(windowBegins + 10)
    cutover.clock.nowMs += 2_500
    expect(limitHeaders(await cutover.call(list))).toEqual(['167', '166', reset, undefined])
    expect(await statuses(cutover, limit - 2, list)).toEqual({ 200: limit - 2 })
    const last = await cutover.call(list)
    expect([last.statusCode, ...limitHeaders(last)]).toEqual([200, '167', '0', reset, undefined])

    const refused = await cutover.call(list)
    expectErrorList(refused)
    expect(limitHeaders(refused)).toEqual(['167', '0', reset, '8'])
    expect(refused.headers['www-authenticate']).toBeUndefined()

    cutover.clock.nowMs = windowBegins * 1000 + 9_999
    expect(limitHeaders(await cutover.call(list))).toEqual(['167', '0', reset, '1'])
    cutover.clock.nowMs += 1
    const next = await cutover.call(list)
    expect([next.statusCode, ...limitHeaders(next)]).toEqual([200, '167', '166', String(windowBegins + 20), undefined])
  })

  it('is one for all its routes, worded in the dialect of each, and none of another token', async () => {
    await using cutover = await startInProcess()
    const other = await cutover.createToken({ scopes: ['read_all'] })
    expect(await statuses(cutover, 100, list)).toEqual({ 200: 100 })
    expect(await statuses(cutover, 67, health)).toEqual({ 200: 67 })
    const refused = await cutover.call(health)
    expectProblem(refused, '/health')
    expect(limitHeaders(refused)).toEqual(['167', '0', String(windowBegins + 10), '10'])
    expectErrorList(await cutover.call(list))
    const untouched = await cutover.call({ ...list, token: other })
    expect([untouched.statusCode, untouched.headers['x-ratelimit-remaining']]).toEqual([200, '166'])
  })

  it('counts errors, tells them where they stand, and comes before the scope', async () => {
    await using cutover = await startInProcess()
    const token = await cutover.createToken({ scopes: [] })
    const standing = async (request: Call) => {
      const response = await cutover.call(request)
      return [response.statusCode, ...limitHeaders(response)]
    }
    const reset = String(windowBegins + 10)
    expect(await standing({ ...list, token })).toEqual([403, '167', '166', reset, undefined])
    const create = { method: 'POST', url: '/secure_mode_secrets' } as const
    expect(await standing({ ...create, payload: {} })).toEqual([422, '167', '166', reset, undefined])
    expect(await standing({ ...create, body: '{', headers: { 'content-type': 'application/json' } })).toEqual([
      ...[400, '167', '165', reset, undefined],
    ])
    expect(await standing({ ...create, body: 'x', headers: { 'content-type': 'text/plain' } })).toEqual([
      ...[415, '167', '164', reset, undefined],
    ])
    expect(await standing({ method: 'DELETE', url: '/secure_mode_secrets/0' })).toEqual([
      ...[404, '167', '163', reset, undefined],
    ])
    expect(await statuses(cutover, limit, { ...list, token })).toEqual({ 403: limit - 1, 429: 1 })
  })

  it('is as configured: 60 a minute are 10 in a window', async () => {
    await using cutover = await startInProcess({ environment: { CUTOVER_RATE_LIMIT_PER_MINUTE: '60' } })
    expect(await statuses(cutover, 10, list)).toEqual({ 200: 10 })
    const refused = await cutover.call(list)
    expect(refused.json().errors[0].message).toBe('Exceeded rate limit of 10 in 10_seconds')
    expect(limitHeaders(refused)).toEqual(['10', '0', String(windowBegins + 10), '10'])
  })

  it('is none with 0: not of a token, and not of an address', async () => {
    await using cutover = await startInProcess({ environment: { CUTOVER_RATE_LIMIT_PER_MINUTE: '0' } })
    expect(await statuses(cutover, 200, list)).toEqual({ 200: 200 })
    expect(limitHeaders(await cutover.call(list))).toEqual(unlimited)
    expect(await statuses(cutover, 200, { ...list, token: null })).toEqual({ 401: 200 })
  })

  it('does not exist for verification, nor does verification count', async () => {
    await using cutover = await startInProcess()
    expect(await statuses(cutover, 1000, verify)).toEqual({ 200: 1000 })
    const batch = { method: 'POST', url: '/v1/verifications/batch', payload: { items: [{ platform: 'web' }] } } as const
    expect(await statuses(cutover, 200, batch)).toEqual({ 200: 200 })
    expect(limitHeaders(await cutover.call(verify))).toEqual(unlimited)
    expect((await cutover.call(list)).headers['x-ratelimit-remaining']).toBe('166')
    expect(await statuses(cutover, limit, list)).toEqual({ 200: limit - 1, 429: 1 })
    expect((await cutover.call(verify)).statusCode).toBe(200)
  })

  it('is not told to a token that was revoked while its request was under way', async () => {
    await using cutover = await startInProcess()
    const token = await cutover.createToken({ scopes: ['write_secure_mode_secret'], workspaceId: cutover.workspaceId })
    expect((await cutover.call({ ...health, token })).headers['x-ratelimit-remaining']).toBe('166')
    const { db } = cutover.cutover.opened
    await db.updateTable('access_tokens').set({ revoked_at: 1 }).where('name', '=', 'a test').execute()
    const payload = { name: 'a', supports_web: true }
    const response = await cutover.call({ method: 'POST', url: '/secure_mode_secrets', payload, token })
    expect([response.statusCode, ...limitHeaders(response)]).toEqual([401, ...unlimited])
  })

  it('stands in the audit log under the token, the repeats as one entry', async () => {
    await using cutover = await startInProcess({ environment: { CUTOVER_RATE_LIMIT_PER_MINUTE: '6' } })
    const token = await cutover.createToken({ scopes: ['read_all'], workspaceId: cutover.workspaceId })
    expect(await statuses(cutover, 5, { ...list, token })).toEqual({ 200: 1, 429: 4 })
    await cutover.cutover.refusals.flush()
    const entries = await cutover.cutover.store.read.audit.page(cutover.workspaceId, 0, 10)
    const metadata = { code: 'rate_limit_exceeded', method: 'GET', route: '/secure_mode_secrets' }
    expect(entries.map((entry) => [entry.action, entry.actor.type, entry.metadata])).toEqual([
      ['access.refused', 'access_token', { ...metadata, count: 1 }],
      ['access.refused', 'access_token', { ...metadata, count: 3 }],
    ])
  })
})

describe('the rate limit of an address without a good token', () => {
  const from = (remoteAddress: string, request: Call): Call => ({ ...request, remoteAddress, token: null })

  it('answers 401 to 167 requests in 10 s, whatever their routes, then 429 in the dialect of each', async () => {
    await using cutover = await startInProcess()
    const address = '192.0.2.1'
    expect(await statuses(cutover, 100, from(address, list))).toEqual({ 401: 100 })
    expect(await statuses(cutover, 67, from(address, verify))).toEqual({ 401: 67 })
    const inErrorList = await cutover.call(from(address, list))
    expectErrorList(inErrorList)
    expect(limitHeaders(inErrorList)).toEqual([undefined, undefined, undefined, '10'])
    const inProblem = await cutover.call(from(address, verify))
    expectProblem(inProblem, '/v1/verifications')
    expect(limitHeaders(inProblem)).toEqual([undefined, undefined, undefined, '10'])
    expect(inProblem.headers['www-authenticate']).toBeUndefined()

    const elsewhere = await cutover.call(from('192.0.2.2', list))
    expect([elsewhere.statusCode, ...limitHeaders(elsewhere)]).toEqual([401, ...unlimited])
    cutover.clock.nowMs += 10_000
    expect((await cutover.call(from(address, list))).statusCode).toBe(401)
  })

  it('counts malformed, unknown and missing tokens alike, and of IPv6 a whole /64', async () => {
    await using cutover = await startInProcess({ environment: { CUTOVER_RATE_LIMIT_PER_MINUTE: '18' } })
    const noise = ['x', makeAccessToken({ nowMs: Date.now, randomBytes: (length) => new Uint8Array(length) }), null]
    for (const [index, token] of noise.entries()) {
      const response = await cutover.call({ ...list, token, remoteAddress: `2001:db8:1:2::${index}` })
      expect(response.statusCode).toBe(401)
    }
    expect((await cutover.call(from('2001:db8:1:2:ffff::1', list))).statusCode).toBe(429)
    expect((await cutover.call(from('2001:db8:1:3::1', list))).statusCode).toBe(401)
  })

  it('lets good tokens pass that this process has seen, also after its memory was emptied', async () => {
    await using cutover = await startInProcess({ environment: { CUTOVER_RATE_LIMIT_PER_MINUTE: '18' } })
    const remoteAddress = '192.0.2.1'
    expect((await cutover.call({ ...list, remoteAddress })).statusCode).toBe(200)
    expect(await statuses(cutover, 4, from(remoteAddress, list))).toEqual({ 401: 3, 429: 1 })
    expect((await cutover.call({ ...list, remoteAddress })).statusCode).toBe(200)
    expect((await cutover.call({ ...verify, remoteAddress })).statusCode).toBe(200)
    cutover.cutover.node.dropAll()
    expect((await cutover.call({ ...verify, remoteAddress })).statusCode).toBe(200)
  })

  it('makes a good token that was never seen wait: 429, never 401, and only at that address and for that window', async () => {
    await using cutover = await startInProcess({ environment: { CUTOVER_RATE_LIMIT_PER_MINUTE: '18' } })
    const token = await cutover.createToken({ scopes: ['verify'], workspaceId: cutover.workspaceId })
    const remoteAddress = '192.0.2.1'
    await statuses(cutover, 3, from(remoteAddress, list))
    const waiting = await cutover.call({ ...verify, token, remoteAddress })
    expect([waiting.statusCode, waiting.headers['retry-after']]).toEqual([429, '10'])
    cutover.clock.nowMs += 9_999
    expect((await cutover.call({ ...verify, token, remoteAddress })).statusCode).toBe(429)
    cutover.clock.nowMs += 1
    expect((await cutover.call({ ...verify, token, remoteAddress })).statusCode).toBe(200)
    await statuses(cutover, 4, from(remoteAddress, list))
    expect((await cutover.call({ ...verify, token, remoteAddress })).statusCode).toBe(200)
  })

  it('holds for /metrics where that asks for a token, and the good one still passes', async () => {
    const metricsToken = '0123456789abcdef'
    const environment = { CUTOVER_METRICS_TOKEN: metricsToken, CUTOVER_RATE_LIMIT_PER_MINUTE: '18' }
    await using cutover = await startInProcess({ environment })
    const scrape = { url: '/metrics' } as const
    expect(await statuses(cutover, 4, { ...scrape, token: 'guess' })).toEqual({ 401: 3, 429: 1 })
    expect(await statuses(cutover, 4, { ...scrape, token: metricsToken })).toEqual({ 200: 4 })
  })

  it('stands in the audit log under the address', async () => {
    await using cutover = await startInProcess({ environment: { CUTOVER_RATE_LIMIT_PER_MINUTE: '6' } })
    expect(await statuses(cutover, 4, from('192.0.2.1', list))).toEqual({ 401: 1, 429: 3 })
    await cutover.cutover.refusals.flush()
    const entries = await cutover.cutover.store.read.audit.page('instance', 0, 10)
    const refused = entries.filter(({ action }) => action === 'access.refused')
    expect(refused.map(({ actor, metadata }) => [actor.id, metadata['code'], metadata['count']])).toEqual([
      ['192.0.2.1', 'token_invalid', 1],
      ['192.0.2.1', 'rate_limit_exceeded', 1],
      ['192.0.2.1', 'rate_limit_exceeded', 2],
    ])
  })
})

describe('the OpenAPI document', () => {
  it('has 429 wherever 401 is possible, and the standing of a token on every route that is limited', async () => {
    await using cutover = await startInProcess()
    const document = (await cutover.app.inject({ url: '/openapi.json' })).json()
    const routes = Object.entries<Record<string, Described>>(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, described]) => ({ route: `${method} ${path}`, ...described })),
    )
    for (const { route, responses } of routes) {
      expect([route, '429' in responses]).toEqual([route, '401' in responses])
      expect(responses['429']?.headers['Retry-After'] !== undefined).toBe('401' in responses)
    }
    const needingToken = routes.filter(({ security }) => security.length > 0)
    const withoutStanding = needingToken.filter(({ responses }) =>
      Object.entries(responses).some(([status, { headers }]) => status !== '401' && !('X-RateLimit-Limit' in headers)),
    )
    expect(withoutStanding.map(({ route }) => route)).toEqual([
      'post /v1/verifications',
      'post /v1/verifications/batch',
      'post /v1/request-verifications',
    ])
  })
})

interface Described {
  readonly security: readonly object[]
  readonly responses: Readonly<Record<string, { readonly headers: Readonly<Record<string, object>> }>>
}
