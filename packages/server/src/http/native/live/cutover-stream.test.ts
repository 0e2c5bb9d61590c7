import { once } from 'node:events'
import { Agent, get, type IncomingMessage } from 'node:http'
import { LiveCutover } from '@cutover/contract'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it, onTestFinished } from 'vitest'
import { addressOf, watchCutover } from '../../../../test/event-reader.ts'
import { engines, type InProcess, startInProcess } from '../../../../test/in-process.ts'
import { startTwoNodes } from '../../../../test/nodes-in-process.ts'
import { ownOrigin, signIn } from '../../../../test/sessions.ts'
import { makeSecret, verify } from '../../../../test/usage-calls.ts'

const quick = { everyMs: 20, repeatMs: 60_000, lifeMs: 60_000, stalledMs: 60_000 }
const start = (options: object = {}) => startInProcess({ liveViewTimes: quick, ...options })

async function open(cutover: InProcess, id: string, headers: Readonly<Record<string, string>> = {}) {
  const authorization = `Bearer ${cutover.token}`
  const reader = await watchCutover(await addressOf(cutover.app), id, { authorization, ...headers })
  onTestFinished(() => reader.close())
  return reader
}

describe.each(engines)('a live view on %s', (engine) => {
  it('shows all of the verdict, and by minute how traffic moves to the successor', async () => {
    await using cutover = await start({ engine })
    const old = await makeSecret(cutover, 'Old')
    await verify(cutover, old.secret, { source: 'ios/4.1.0' })
    cutover.clock.nowMs += 60_000
    const rotation = { method: 'POST', url: `/v1/identity-secrets/${old.id}/rotate`, payload: { name: 'New' } } as const
    const next = (await cutover.call(rotation)).json()
    const live = await open(cutover, old.id)
    expect(live.response.headers.get('content-type')).toMatch(/^text\/event-stream/)
    expect(live.response.headers.get('cache-control')).toBe('no-store')
    expect(live.response.headers.get('x-accel-buffering')).toBe('no')
    const first = await live.next()
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(LiveCutover)
    expect(validate(first), JSON.stringify(validate.errors)).toBe(true)
    expect(first).toMatchObject({
      at: '2026-11-21T12:01:00.000Z',
      state: 'retiring',
      verdict: 'in_use',
      successors: [],
      sources: [{ source: 'ios/4.1.0', count: 1 }],
      secrets: [
        { id: old.id, name: 'Old', state: 'retiring' },
        { id: next.id, name: 'New', state: 'active', fingerprint: next.fingerprint },
      ],
    })
    expect(first?.minutes).toHaveLength(60)
    expect(first?.minutes[0]).toEqual({ start: '2026-11-21T11:02:00.000Z', counts: { [old.id]: 0, [next.id]: 0 } })
    expect(first?.minutes.slice(-2)).toEqual([
      { start: '2026-11-21T12:00:00.000Z', counts: { [old.id]: 1, [next.id]: 0 } },
      { start: '2026-11-21T12:01:00.000Z', counts: { [old.id]: 0, [next.id]: 0 } },
    ])
    await verify(cutover, next.secret)
    expect((await live.next())?.minutes.at(-1)?.counts).toEqual({ [old.id]: 0, [next.id]: 1 })
  })

  it('sends nothing once the revocation of its token is answered, and ends', async () => {
    await using cutover = await start({ engine })
    const secret = await makeSecret(cutover, 's')
    const token = await cutover.createToken({ scopes: ['read_all'], workspaceId: cutover.workspaceId })
    const live = await open(cutover, secret.id, { authorization: `Bearer ${token}` })
    expect(await live.next()).not.toBeNull()
    const { data } = (await cutover.call({ url: '/v1/access-tokens' })).json()
    const revoked = await cutover.call({ method: 'DELETE', url: `/v1/access-tokens/${data[0].id}` })
    expect(revoked.statusCode).toBe(204)
    await verify(cutover, secret.secret)
    expect(await live.next()).toBeNull()
  })

  it('ends with its session', async () => {
    await using cutover = await start({ engine })
    const secret = await makeSecret(cutover, 's')
    const session = await signIn(cutover, cutover.token)
    const address = await addressOf(cutover.app)
    const live = await watchCutover(address, secret.id, { cookie: session.cookie })
    onTestFinished(() => live.close())
    expect(await live.next()).not.toBeNull()
    const end = {
      method: 'DELETE',
      url: '/v1/sessions',
      headers: { cookie: session.cookie, origin: ownOrigin },
    } as const
    expect((await session.call(end)).statusCode).toBe(204)
    await verify(cutover, secret.secret)
    expect(await live.next()).toBeNull()
  })
})

describe('a live view', () => {
  it('goes on when other tokens change, and ends at the last moment of its own', async () => {
    await using cutover = await start()
    const secret = await makeSecret(cutover, 's')
    const expiresAtMs = cutover.clock.nowMs + 60_000
    const token = await cutover.createToken({ scopes: ['read_all'], workspaceId: cutover.workspaceId, expiresAtMs })
    const live = await open(cutover, secret.id, { authorization: `Bearer ${token}` })
    expect(await live.next()).not.toBeNull()
    const another = await cutover.call({
      method: 'POST',
      url: '/v1/access-tokens',
      payload: { name: 'x', preset: 'rotator' },
    })
    expect(another.statusCode).toBe(201)
    await verify(cutover, secret.secret)
    expect(await live.next()).not.toBeNull()
    cutover.clock.nowMs = expiresAtMs
    expect(await live.next()).toBeNull()
  })

  it('ends for a token whose workspace is deleted, an instance token that named it among them', async () => {
    await using cutover = await start()
    const other = await cutover.createWorkspace('Other')
    const headers = { 'cutover-workspace': other }
    const payload = { name: 's', platforms: { web: true } }
    const made = await cutover.call({ method: 'POST', url: '/v1/identity-secrets', payload, headers })
    const live = await open(cutover, made.json().id, headers)
    expect(await live.next()).not.toBeNull()
    await cutover.call({ method: 'DELETE', url: `/v1/identity-secrets/${made.json().id}`, headers })
    expect(await live.next()).toMatchObject({ state: 'deleted' })
    expect((await cutover.call({ method: 'DELETE', url: `/v1/workspaces/${other}` })).statusCode).toBe(204)
    expect(await live.next()).toBeNull()
  })

  it('takes its workspace from the query, too, and that of nobody else', async () => {
    await using cutover = await start()
    const other = await cutover.createWorkspace('Other')
    const payload = { name: 's', platforms: { web: true } }
    const headers = { 'cutover-workspace': other }
    const { id } = (await cutover.call({ method: 'POST', url: '/v1/identity-secrets', payload, headers })).json()
    const url = `/v1/identity-secrets/${id}/cutover/stream`
    expect((await cutover.call({ method: 'HEAD', url: `${url}?workspace=${other}` })).statusCode).toBe(200)
    expect((await cutover.call({ url })).statusCode).toBe(400)
    expect((await cutover.call({ url: `${url}?workspace=${cutover.workspaceId}` })).statusCode).toBe(404)
    const mine = await cutover.createToken({ scopes: ['read_all'], workspaceId: cutover.workspaceId })
    expect((await cutover.call({ url: `${url}?workspace=${other}`, token: mine })).statusCode).toBe(404)
    expect((await cutover.call({ url: `${url}?other=x` })).statusCode).toBe(422)
  })

  it('is one of 20 of its token; one that is closed makes room', async () => {
    await using cutover = await start()
    const { id } = await makeSecret(cutover, 's')
    const readers = []
    for (let count = 1; count <= 20; count += 1) readers.push(await open(cutover, id))
    for (const reader of readers) expect(await reader.next()).not.toBeNull()
    const url = `/v1/identity-secrets/${id}/cutover/stream`
    const refused = await cutover.call({ url })
    expect([refused.statusCode, refused.json().code, refused.headers['retry-after']]).toEqual([
      429,
      'rate_limit_exceeded',
      '5',
    ])
    const token = await cutover.createToken({ scopes: ['read_all'] })
    expect(await (await open(cutover, id, { authorization: `Bearer ${token}` })).next()).not.toBeNull()
    readers[0]?.close()
    const status = async () => (await open(cutover, id)).response.status
    await expect.poll(status, { timeout: 10_000 }).toBe(200)
  })

  it('ends by itself after its time, and its connection takes the next request', async () => {
    await using cutover = await startInProcess({ liveViewTimes: { ...quick, lifeMs: 0 } })
    const { id } = await makeSecret(cutover, 's')
    const address = await addressOf(cutover.app)
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    onTestFinished(() => agent.destroy())
    const ask = async (path: string) => {
      const request = get(`${address}${path}`, { agent, headers: { authorization: `Bearer ${cutover.token}` } })
      const [response] = (await once(request, 'response')) as [IncomingMessage] // sound: that is what it emits
      const text = (await response.toArray()).join('')
      return { status: response.statusCode, isReused: request.reusedSocket, text }
    }
    const stream = await ask(`/v1/identity-secrets/${id}/cutover/stream`)
    expect(stream).toEqual({ status: 200, isReused: false, text: 'retry: 2000\n\n' })
    expect(await ask('/health')).toMatchObject({ status: 200, isReused: true })
  })

  it('answers HEAD with its headers alone, and OPTIONS with its methods', async () => {
    await using cutover = await start()
    const { id } = await makeSecret(cutover, 's')
    const url = `/v1/identity-secrets/${id}/cutover/stream`
    const head = await cutover.app.inject({
      method: 'HEAD',
      url,
      headers: { authorization: `Bearer ${cutover.token}` },
    })
    expect([head.statusCode, head.body, head.headers['cache-control']]).toEqual([200, '', 'no-store'])
    expect(head.headers['content-type']).toMatch(/^text\/event-stream/)
    expect(head.headers['content-length']).toBeUndefined()
    const options = await cutover.app.inject({ method: 'OPTIONS', url })
    expect([options.statusCode, options.headers.allow]).toEqual([204, 'GET, HEAD, OPTIONS'])
  })

  it('says what is wrong as every route does: scope, secret, token', async () => {
    await using cutover = await start()
    const { id } = await makeSecret(cutover, 's')
    const url = `/v1/identity-secrets/${id}/cutover/stream`
    const narrow = await cutover.createToken({ scopes: ['verify'], workspaceId: cutover.workspaceId })
    expect((await cutover.call({ url, token: narrow })).statusCode).toBe(403)
    expect((await cutover.call({ url, token: null })).statusCode).toBe(401)
    expect((await cutover.call({ url: url.replace(id, '999') })).statusCode).toBe(404)
  })

  it('of one node ends when its token is revoked on another', async () => {
    await using cluster = await startTwoNodes()
    const [first, second] = cluster.nodes
    const { id } = await makeSecret(first, 's')
    const payload = { name: 'viewer', preset: 'development' }
    const made = (await first.call({ method: 'POST', url: '/v1/access-tokens', payload })).json()
    const live = await watchCutover(await addressOf(second.app), id, { authorization: `Bearer ${made.token}` })
    onTestFinished(() => live.close())
    expect(await live.next()).not.toBeNull()
    expect((await first.call({ method: 'DELETE', url: `/v1/access-tokens/${made.id}` })).statusCode).toBe(204)
    expect(await live.next()).toBeNull()
  })
})
