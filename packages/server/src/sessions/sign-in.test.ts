import { describe, expect, it } from 'vitest'
import { startInProcess } from '../../test/in-process.ts'
import { askForSession, auditOf, cookieOf, ownOrigin, signIn, tokenFor } from '../../test/sessions.ts'

const health = { url: '/health' } as const
const create = {
  method: 'POST',
  url: '/v1/identity-secrets',
  payload: { name: 's', platforms: { web: true } },
} as const

describe('a sign-in', () => {
  it('with a token that is wrong, expired or revoked is 401, and on record without it', async () => {
    await using cutover = await startInProcess()
    const expired = await tokenFor(cutover, cutover.clock.nowMs)
    for (const token of ['', 'x', 'cut_nonsense', `${cutover.token}x`, expired, '\u0000']) {
      const answer = await askForSession(cutover, token)
      expect([answer.statusCode, answer.json().code]).toEqual([401, 'unauthorized'])
      expect(answer.headers['set-cookie']).toBeUndefined()
    }
    const refused = await auditOf(cutover, 'session.created')
    expect(refused.map(({ result, actor }) => [result, actor.type])).toContainEqual(['failure', 'address'])
    expect(JSON.stringify([refused, cutover.log])).not.toMatch(/cut_/)
  })

  it('of another page is refused, whatever the token', async () => {
    await using cutover = await startInProcess()
    for (const origin of ['null', 'http://evil.example', 'http://localhost:1']) {
      const answer = await askForSession(cutover, cutover.token, { origin })
      expect([answer.statusCode, answer.json().code]).toEqual([403, 'origin_mismatch'])
    }
    const bare = { method: 'POST', url: '/v1/sessions', payload: { token: cutover.token }, token: null } as const
    expect((await cutover.call(bare)).statusCode).toBe(403)
    const site = { 'sec-fetch-site': 'cross-site' }
    expect((await askForSession(cutover, cutover.token, site)).statusCode).toBe(403)
  })

  it('is limited by address like any other guess, and a good token of such an address then waits', async () => {
    await using cutover = await startInProcess({ environment: { CUTOVER_RATE_LIMIT_PER_MINUTE: '60' } })
    const statuses: number[] = []
    for (let count = 1; count <= 11; count += 1) {
      statuses.push((await askForSession(cutover, `cut_${'0'.repeat(37)}${count % 10}`)).statusCode)
    }
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429])
    const unseen = await tokenFor(cutover)
    const waiting = await askForSession(cutover, unseen)
    expect([waiting.statusCode, waiting.headers['retry-after']]).toEqual([429, '10'])
    cutover.clock.nowMs += 10_000
    expect((await askForSession(cutover, unseen)).statusCode).toBe(201)
  })

  it('takes exactly a token', async () => {
    await using cutover = await startInProcess()
    for (const payload of [{}, { token: 1 }, { token: 'x', extra: 1 }, { token: 'x'.repeat(1025) }]) {
      const headers = { origin: ownOrigin }
      const answer = await cutover.call({ method: 'POST', url: '/v1/sessions', payload, token: null, headers })
      expect([answer.statusCode, answer.json().code]).toEqual([422, 'validation_failed'])
    }
  })

  it('behind a trusted proxy goes by what the proxy was asked for: secured where that was https', async () => {
    await using cutover = await startInProcess({ environment: { CUTOVER_TRUST_PROXY: '127.0.0.1' } })
    const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'cutover.example:8443' }
    const own = { ...forwarded, origin: 'https://cutover.example:8443' }
    const { call, cookie } = await signIn(cutover, cutover.token, own)
    expect(cookie).toMatch(/^__Host-cutover_session=/)
    expect((await call(create)).statusCode).toBe(201)
    expect((await call({ ...create, headers: { origin: 'http://localhost' } })).statusCode).toBe(403)
    const plain = { cookie: cookie.replace('__Host-', ''), ...forwarded }
    expect((await cutover.call({ ...health, token: null, headers: plain })).statusCode).toBe(401)
    const answer = await askForSession(cutover, cutover.token, own)
    expect(String(answer.headers['set-cookie'])).toMatch(/; Path=\/; HttpOnly; Secure; SameSite=Strict$/)
  })

  it('does not believe a proxy that nobody trusts', async () => {
    await using cutover = await startInProcess()
    const claimed = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'evil.example', origin: 'https://evil.example' }
    expect((await askForSession(cutover, cutover.token, claimed)).statusCode).toBe(403)
    const answer = await askForSession(cutover, cutover.token, { ...claimed, origin: ownOrigin })
    expect(cookieOf(answer)).toMatch(/^cutover_session=/)
  })

  it('opens nothing to other origins: no answer has a header of CORS', async () => {
    await using cutover = await startInProcess()
    const { call } = await signIn(cutover, cutover.token)
    for (const answer of [await call(health), await call({ method: 'OPTIONS', url: '/v1/sessions' })]) {
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
    }
    const options = await call({ method: 'OPTIONS', url: '/v1/sessions' })
    expect([options.statusCode, options.headers.allow]).toEqual([204, 'DELETE, POST, OPTIONS'])
  })
})
