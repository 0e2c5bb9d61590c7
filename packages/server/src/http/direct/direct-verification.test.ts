import { randomBytes } from 'node:crypto'
import type { Server } from 'node:http'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { scrape } from '../../../test/scrape.ts'
import { answerTo, halfSent, TwoWays } from '../../../test/two-ways.ts'
import { good, jwt, questionBodies } from '../../../test/verification-requests.ts'

let ways: TwoWays

beforeAll(async () => {
  ways = await TwoWays.start()
  return () => ways[Symbol.asyncDispose]()
})

beforeEach(async () => {
  await ways.warmUp()
  ways.routerCalls = 0
})

/** Of these, one is of the request that follows each on its connection. */
async function routerCalls(request: Buffer): Promise<number> {
  await answerTo(ways.direct, request)
  return ways.routerCalls - 1
}

describe('the router is not asked', () => {
  it.each([
    ['a hash', good],
    ['a wrong hash', ({ signed }: TwoWays) => JSON.stringify({ ...signed, userHash: randomBytes(32).toString('hex') })],
    ['nothing signed', () => '{"platform":"web"}'],
    ['a JWT', (way: TwoWays) => JSON.stringify({ platform: 'web', jwt: jwt(way) })],
  ])('about %s', async (_, body) => {
    expect(await routerCalls(ways.request(body(ways)))).toBe(0)
  })

  it('by a client that names its workspace, and the charset', async () => {
    const headers = { 'Cutover-Workspace': ways.cutover.workspaceId, 'Content-Type': 'application/json; charset=utf-8' }
    expect(await routerCalls(ways.request(good(ways), { headers }))).toBe(0)
  })

  it('but for what is refused', async () => {
    expect(await routerCalls(ways.request('{'))).toBe(1)
  })

  it('but for whatever comes once the server closes: the router ends the connection', async () => {
    await using closing = await TwoWays.start()
    const request = closing.request(good(closing))
    const { sendRest } = await halfSent(closing.direct, request)
    const stopped = closing.cutover.cutover.stop()
    await expect.poll(() => closing.direct.listening).toBe(false)
    const answers = await sendRest(request)
    expect(answers.match(/"verified":true/g)).toHaveLength(2)
    expect(answers.match(/^Connection: .*$/gm)).toEqual(['Connection: keep-alive', 'Connection: close'])
    await stopped
  })
})

describe('a verification counts as its route counts it', () => {
  const counters = [
    'cutover_verifications_total',
    'cutover_verification_duration_seconds_count',
    'cutover_keyset_cache_lookups_total',
  ]

  async function allCounters({ cutover } = ways) {
    const now = await scrape(cutover)
    return counters.flatMap((name) =>
      Object.entries(now.values(name)).map(([labels, value]) => [`${name} ${labels}`, value] as const),
    )
  }

  async function counted(server: Server): Promise<Readonly<Record<string, number>>> {
    const before = new Map(await allCounters())
    for (const body of Object.values(questionBodies)) await answerTo(server, ways.request(body(ways)))
    return Object.fromEntries((await allCounters()).map(([name, value]) => [name, value - (before.get(name) ?? 0)]))
  }

  it('in every metric, whatever it is asked', async () => {
    const direct = await counted(ways.direct)
    expect(direct).toEqual(await counted(ways.routed))
    expect(direct['cutover_verification_duration_seconds_count verify']).toBeGreaterThan(15)
  })

  it('where the keyset has to be loaded first, too', async () => {
    await using cold = await TwoWays.start()
    const counts = []
    for (const server of [cold.direct, cold.routed]) {
      const workspaceId = await cold.cutover.createWorkspace('Cold')
      const before = new Map(await allCounters(cold))
      const request = cold.request(JSON.stringify({ platform: 'web', workspaceId }))
      expect(await answerTo(server, request)).toContain('"reason":"unsigned"')
      counts.push((await allCounters(cold)).map(([name, value]) => [name, value - (before.get(name) ?? 0)]))
    }
    expect(counts[0]).toEqual(counts[1])
  })

  it('as a use of its token', async () => {
    const { call, clock } = ways.cutover
    const payload = { name: 'used', scopes: ['verify'] }
    const { id, token } = (await call({ method: 'POST', url: '/v1/access-tokens', payload })).json()
    const request = ways.request(good(ways), { headers: { Authorization: `Bearer ${token}` } })
    await answerTo(ways.direct, request)
    clock.nowMs += 120_000
    ways.routerCalls = 0
    expect(await routerCalls(request)).toBe(0)
    const { data } = (await call({ url: '/v1/access-tokens' })).json<{ data: { id: string; lastUsedAt: string }[] }>()
    const lastUsedAt = data.find((each) => each.id === id)?.lastUsedAt
    expect(lastUsedAt).toBe(new Date(clock.nowMs).toISOString())
  })
})

describe('while the body of a verification arrives', () => {
  const create = { method: 'POST', url: '/secure_mode_secrets', payload: { name: 'b', supports_web: true } } as const

  it('a secret that is deleted is refused', async () => {
    const { call } = ways.cutover
    const { id, secret } = (await call(create)).json()
    const { sendRest } = await halfSent(ways.direct, ways.request(JSON.stringify(ways.signedWith(secret))))
    expect((await call({ method: 'DELETE', url: `/secure_mode_secrets/${id}` })).statusCode).toBe(204)
    expect(await sendRest()).toContain('"reason":"mismatch"')
  })

  it('a token that is revoked is refused', async () => {
    const { call } = ways.cutover
    const payload = { name: 'short', scopes: ['verify'] }
    const { id, token } = (await call({ method: 'POST', url: '/v1/access-tokens', payload })).json()
    const request = ways.request(good(ways), { headers: { Authorization: `Bearer ${token}` } })
    await answerTo(ways.direct, request)
    const { sendRest } = await halfSent(ways.direct, request)
    expect((await call({ method: 'DELETE', url: `/v1/access-tokens/${id}` })).statusCode).toBe(204)
    expect(await sendRest()).toMatch(/^HTTP\/1\.1 401 /)
  })

  it('a lease that is lost is 503, and tried again in a second', async () => {
    await using other = await TwoWays.start()
    const { sendRest } = await halfSent(other.direct, other.request(good(other)))
    await other.cutover.cutover.node.leave(1000)
    const answer = await sendRest()
    expect(answer).toMatch(/^HTTP\/1\.1 503 /)
    expect(answer).toContain('\r\nretry-after: 1\r\n')
  })

  it('a client that goes away is logged as its route logs it', async () => {
    const { log } = ways.cutover
    const logged = async (server: Server) => {
      const { socket } = await halfSent(server, ways.request(good(ways)))
      log.length = 0
      socket.destroy()
      await expect.poll(() => log.length).toBe(2)
      return log.map((line) => {
        const { requestId, durationMs, time, err, ...rest } = JSON.parse(line)
        return { ...rest, err: err?.message }
      })
    }
    const direct = await logged(ways.direct)
    expect(direct).toEqual(await logged(ways.routed))
    expect(direct).toMatchObject([{ msg: 'request failed' }, { msg: 'request', status: 500 }])
  })
})
