import { scopeNames } from '@cutover/contract'
import { describe, expect, it } from 'vitest'
import { engines, startInProcess } from '../../test/in-process.ts'
import { auditOf, ownOrigin, signIn, tokenFor } from '../../test/sessions.ts'

const hourMs = 3_600_000
const health = { url: '/health' } as const
const create = {
  method: 'POST',
  url: '/v1/identity-secrets',
  payload: { name: 's', platforms: { web: true } },
} as const

describe.each(engines)('a session on %s', (engine) => {
  it('stands for its token on native and compatible routes, changes included', async () => {
    await using cutover = await startInProcess({ engine })
    const token = await tokenFor(cutover)
    const { call, answer } = await signIn(cutover, token)
    expect(answer.json()).toEqual({
      tokenName: 'a test',
      workspaceId: cutover.workspaceId,
      scopes: scopeNames.filter((scope) => scope !== 'manage_workspaces'),
      environment: null,
      expiresAt: null,
      sessionExpiresAt: '2026-11-22T12:00:00.000Z',
    })
    expect(String(answer.headers['set-cookie'])).toMatch(
      /^cutover_session=[0-9A-Za-z_-]{43}; Path=\/; HttpOnly; SameSite=Strict$/,
    )
    expect(answer.headers['cache-control']).toBe('no-store')
    expect((await call(health)).json()).toMatchObject({ status: 'ok', tokenName: 'a test' })
    expect((await call(create)).statusCode).toBe(201)
    const made = await call({ method: 'POST', url: '/secure_mode_secrets', payload: { name: 't', supports_web: true } })
    expect(made.statusCode).toBe(201)
    const [entry] = await auditOf(cutover, 'identity_secret.created')
    expect(entry?.actor).toMatchObject({ type: 'access_token', name: 'a test' })
  })

  it('ends for good with its sign-out, whose record names it and not its key', async () => {
    await using cutover = await startInProcess({ engine })
    const token = await tokenFor(cutover)
    const { call, key } = await signIn(cutover, token)
    const another = await signIn(cutover, token)
    expect((await call(health)).statusCode).toBe(200)
    const end = await call({ method: 'DELETE', url: '/v1/sessions' })
    expect([end.statusCode, end.headers['set-cookie']]).toEqual([
      204,
      'cutover_session=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict',
    ])
    expect((await call(health)).statusCode).toBe(401)
    expect((await call({ method: 'DELETE', url: '/v1/sessions' })).statusCode).toBe(401)
    expect((await another.call(health)).statusCode).toBe(200)
    const [created] = await auditOf(cutover, 'session.created')
    const [ended] = await auditOf(cutover, 'session.ended')
    expect(ended).toMatchObject({ result: 'success', actor: { type: 'access_token' }, resource: { type: 'session' } })
    expect(ended?.resource.id).toBe(created?.resource.id)
    expect(JSON.stringify([created, ended])).not.toContain(key)
  })

  it('ends with its token, before the revocation is answered', async () => {
    await using cutover = await startInProcess({ engine })
    const token = await tokenFor(cutover)
    const { call } = await signIn(cutover, token)
    expect((await call(health)).statusCode).toBe(200)
    const { data } = (await cutover.call({ url: '/v1/access-tokens' })).json()
    const revoked = await cutover.call({ method: 'DELETE', url: `/v1/access-tokens/${data[0].id}` })
    expect(revoked.statusCode).toBe(204)
    expect((await call(health)).statusCode).toBe(401)
  })

  it('goes on in the grace of a rotated token, to its last millisecond', async () => {
    await using cutover = await startInProcess({ engine })
    const { call } = await signIn(cutover, await tokenFor(cutover))
    const { data } = (await cutover.call({ url: '/v1/access-tokens' })).json()
    const url = `/v1/access-tokens/${data[0].id}/rotate`
    const rotated = await cutover.call({ method: 'POST', url, payload: { oldTokenValidForSeconds: 60 } })
    expect(rotated.statusCode).toBe(201)
    cutover.clock.nowMs += 59_999
    expect((await call(health)).statusCode).toBe(200)
    cutover.clock.nowMs += 1
    expect((await call(health)).statusCode).toBe(401)
  })

  it('ends 8 hours after its last use, of whatever kind, and 24 hours after it began', async () => {
    await using cutover = await startInProcess({ engine })
    const token = await tokenFor(cutover)
    const idle = await signIn(cutover, token)
    const used = await signIn(cutover, token)
    for (const turn of [1, 2, 3]) {
      cutover.clock.nowMs += 8 * hourMs - 1
      expect([turn, (await used.call(health)).statusCode]).toEqual([turn, 200])
    }
    expect((await idle.call(health)).statusCode).toBe(401)
    cutover.clock.nowMs += 2
    expect((await used.call(health)).statusCode).toBe(200)
    cutover.clock.nowMs += 1
    expect((await used.call(health)).statusCode).toBe(401)
  })

  it('that was never used ends at the last moment of its 8 hours', async () => {
    await using cutover = await startInProcess({ engine })
    const { call } = await signIn(cutover, await tokenFor(cutover))
    cutover.clock.nowMs += 8 * hourMs
    expect((await call(health)).statusCode).toBe(401)
  })

  it('never outlives its token', async () => {
    await using cutover = await startInProcess({ engine })
    const token = await tokenFor(cutover, cutover.clock.nowMs + hourMs)
    const { call, answer } = await signIn(cutover, token)
    expect(answer.json().sessionExpiresAt).toBe('2026-11-21T13:00:00.000Z')
    cutover.clock.nowMs += hourMs - 1
    expect((await call(health)).statusCode).toBe(200)
    cutover.clock.nowMs += 1
    expect((await call(health)).statusCode).toBe(401)
  })

  it('is known again after a restart, with the uses that were written', async () => {
    await using cutover = await startInProcess({ engine })
    const token = await tokenFor(cutover)
    const { cookie, call } = await signIn(cutover, token)
    cutover.clock.nowMs += 7 * hourMs
    expect((await call(health)).statusCode).toBe(200)
    await using again = await cutover.restart()
    again.clock.nowMs += 7 * hourMs
    expect((await again.call({ ...health, token: null, headers: { cookie } })).statusCode).toBe(200)
  })

  it('is one of 50 of its token: the oldest ends for the next, and none of another token does', async () => {
    await using cutover = await startInProcess({ engine, environment: { CUTOVER_RATE_LIMIT_PER_MINUTE: '0' } })
    const token = await tokenFor(cutover)
    const other = await signIn(cutover, await tokenFor(cutover))
    const first = await signIn(cutover, token)
    expect((await first.call(health)).statusCode).toBe(200)
    cutover.clock.nowMs += 1
    const second = await signIn(cutover, token)
    for (let count = 3; count <= 50; count += 1) await signIn(cutover, token)
    expect((await first.call(health)).statusCode).toBe(200)
    await signIn(cutover, token)
    expect([(await first.call(health)).statusCode, (await second.call(health)).statusCode]).toEqual([401, 200])
    expect((await other.call(health)).statusCode).toBe(200)
    const created = await auditOf(cutover, 'session.created')
    expect(created.at(-1)?.metadata['ended']).toEqual([created[1]?.resource.id])
  })

  it('leaves no row behind once its life is over', async () => {
    await using cutover = await startInProcess({ engine })
    const { cutover: parts, clock } = cutover
    const token = await tokenFor(cutover)
    await signIn(cutover, token)
    const rows = () => parts.opened.db.selectFrom('sessions').selectAll().execute()
    await parts.store.transaction((tx) => tx.sessions.forgetEnded(clock.nowMs + 8 * hourMs - 1))
    expect(await rows()).toHaveLength(1)
    await parts.store.transaction((tx) => tx.sessions.forgetEnded(clock.nowMs + 8 * hourMs))
    expect(await rows()).toHaveLength(0)
  })
})

describe('a request with a session', () => {
  const foreign: Readonly<Record<string, Record<string, string | undefined>>> = {
    'without an Origin': { origin: undefined },
    'with an Origin that is null': { origin: 'null' },
    'from another host': { origin: 'http://evil.example' },
    'from another port': { origin: 'http://localhost:8081' },
    'from another scheme': { origin: 'https://localhost' },
    'from a host that only begins alike': { origin: 'http://localhost.evil.example' },
    'whose browser says cross-site': { 'sec-fetch-site': 'cross-site' },
    'whose browser says same-site': { 'sec-fetch-site': 'same-site' },
  }

  it.each(Object.entries(foreign))('is refused where it changes something %s', async (_title, headers) => {
    await using cutover = await startInProcess()
    const { cookie } = await signIn(cutover, await tokenFor(cutover))
    const sent = Object.entries({ cookie, origin: ownOrigin, ...headers }).filter(([, value]) => value !== undefined)
    const changes = [
      create,
      { method: 'POST', url: '/secure_mode_secrets', payload: { name: 't', supports_web: true } },
      { method: 'DELETE', url: '/v1/sessions' },
      { method: 'PUT', url: '/v1/settings', payload: {} },
    ] as const
    for (const change of changes) {
      const answer = await cutover.call({ ...change, token: null, headers: Object.fromEntries(sent) as never })
      expect([change.url, answer.statusCode]).toEqual([change.url, 403])
      if (change.url.startsWith('/v1/')) expect(answer.json().code).toBe('origin_mismatch')
    }
    expect((await cutover.call({ url: '/v1/identity-secrets' })).json().data).toEqual([])
    const refused = await auditOf(cutover, 'identity_secret.created')
    expect(refused.map(({ result, metadata }) => [result, metadata['code']])).toContainEqual([
      'failure',
      'origin_mismatch',
    ])
  })

  it('is told apart by its Host where the default port is written out, and in any case', async () => {
    await using cutover = await startInProcess()
    const { cookie } = await signIn(cutover, await tokenFor(cutover))
    const answer = await cutover.call({
      ...create,
      token: null,
      headers: { cookie, origin: ownOrigin, host: 'LOCALHOST:80' },
    })
    expect(answer.statusCode).toBe(201)
  })

  it('reads without an Origin, and not where its browser says that another site asks', async () => {
    await using cutover = await startInProcess()
    const { cookie } = await signIn(cutover, await tokenFor(cutover))
    const read = (headers: Record<string, string>) =>
      cutover.call({ ...health, token: null, headers: { cookie, ...headers } })
    expect((await read({})).statusCode).toBe(200)
    expect((await read({ 'sec-fetch-site': 'same-origin' })).statusCode).toBe(200)
    expect((await read({ 'sec-fetch-site': 'none' })).statusCode).toBe(200)
    expect((await read({ 'sec-fetch-site': 'cross-site' })).statusCode).toBe(403)
  })

  it('is judged by its Authorization where it has one, good or bad', async () => {
    await using cutover = await startInProcess()
    const { cookie } = await signIn(cutover, await tokenFor(cutover))
    const narrow = await cutover.createToken({ scopes: ['verify'], workspaceId: cutover.workspaceId })
    const list = { url: '/v1/identity-secrets', headers: { cookie } } as const
    expect((await cutover.call({ ...list, token: narrow })).statusCode).toBe(403)
    expect((await cutover.call({ ...list, token: 'cut_nonsense' })).statusCode).toBe(401)
    expect((await cutover.call({ ...list, token: '' })).statusCode).toBe(401)
    // Neither is the key to a session a token, nor a token the key to a session.
    expect((await cutover.call({ ...list, token: cookie.split('=')[1] ?? '', headers: {} })).statusCode).toBe(401)
    const swapped = { cookie: `cutover_session=${cutover.token}` }
    expect((await cutover.call({ url: '/health', token: null, headers: swapped })).statusCode).toBe(401)
    // No Origin is asked of a token.
    expect((await cutover.call(create)).statusCode).toBe(201)
  })

  it('is nobody where there are two cookies of the name, or one of another', async () => {
    await using cutover = await startInProcess()
    const { cookie } = await signIn(cutover, await tokenFor(cutover))
    for (const sent of [`${cookie}; cutover_session=x`, `${cookie}; ${cookie}`, `__Host-${cookie}`, `x${cookie}`, '']) {
      const { statusCode } = await cutover.call({ ...health, token: null, headers: { cookie: sent } })
      expect([sent.replace(cookie, 'COOKIE'), statusCode]).toEqual([sent.replace(cookie, 'COOKIE'), 401])
    }
    const among = await cutover.call({ ...health, token: null, headers: { cookie: `a=b; ${cookie};c="d"` } })
    expect(among.statusCode).toBe(200)
  })

  it('does not sign for an integrator, and does not open /metrics', async () => {
    await using cutover = await startInProcess({ environment: { CUTOVER_METRICS_TOKEN: '0123456789abcdef' } })
    const { call } = await signIn(cutover, await tokenFor(cutover))
    expect((await call({ url: '/v1/integrator' })).statusCode).toBe(401)
    expect((await call({ url: '/metrics' })).statusCode).toBe(401)
  })

  it('counts toward the limit of its token', async () => {
    await using cutover = await startInProcess()
    const token = await tokenFor(cutover)
    const { call } = await signIn(cutover, token)
    expect((await call(health)).headers['x-ratelimit-remaining']).toBe('165')
    expect((await cutover.call({ ...health, token })).headers['x-ratelimit-remaining']).toBe('164')
  })

  it('whose session ends while its body is arriving changes nothing', async () => {
    await using cutover = await startInProcess()
    const { app } = cutover
    const { cookie, call } = await signIn(cutover, await tokenFor(cutover))
    await app.listen({ port: 0, host: '127.0.0.1' })
    const { port } = app.server.address() as { port: number } // sound: it listens on a port
    const body = JSON.stringify(create.payload)
    const { RawConnection } = await import('../../test/raw-connection.ts')
    const connection = await RawConnection.open(`http://127.0.0.1:${port}`)
    connection.send(
      `POST ${create.url} HTTP/1.1\r\nHost: localhost\r\nCookie: ${cookie}\r\nOrigin: ${ownOrigin}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`,
    )
    expect((await connection.response()).status).toBe(100)
    expect((await call({ method: 'DELETE', url: '/v1/sessions' })).statusCode).toBe(204)
    connection.send(body)
    expect((await connection.response()).status).toBe(401)
    connection.close()
    expect((await cutover.call({ url: '/v1/identity-secrets' })).json().data).toEqual([])
  })
})
