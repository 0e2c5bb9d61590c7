import type { InjectOptions } from 'fastify'
import { describe, expect, it } from 'vitest'
import { type NodeInProcess, startTwoNodes } from '../../test/nodes-in-process.ts'
import { signIn } from '../../test/sessions.ts'

const hourMs = 3_600_000

function on({ app }: NodeInProcess, cookie: string) {
  return app.inject({ url: '/health', headers: { cookie } }).then(({ statusCode }) => statusCode)
}

/** As a browser is: without the token that a node of these tests sends by itself. */
function anonymous({ app }: NodeInProcess) {
  return { call: ({ token: _, ...request }: InjectOptions & { token?: string | null }) => app.inject(request) }
}

async function makeToken({ call }: NodeInProcess) {
  const payload = { name: 'operator', preset: 'development' }
  return (await call({ method: 'POST', url: '/v1/access-tokens', payload })).json<{ id: string; token: string }>()
}

describe('a session of two nodes', () => {
  it('begun on one is good on the other at once, and ended on one is refused on both once that is answered', async () => {
    await using cluster = await startTwoNodes()
    const [first, second] = cluster.nodes
    const { token } = await makeToken(first)
    for (let turn = 1; turn <= 10; turn += 1) {
      const session = await signIn(anonymous(first), token)
      expect([await on(second, session.cookie), await on(first, session.cookie)]).toEqual([200, 200])
      const end = await session.call({ method: 'DELETE', url: '/v1/sessions' })
      expect(end.statusCode).toBe(204)
      expect([await on(second, session.cookie), await on(first, session.cookie)]).toEqual([401, 401])
    }
  })

  it('is refused on both once the revocation of its token is answered by either', async () => {
    await using cluster = await startTwoNodes()
    const [first, second] = cluster.nodes
    const { id, token } = await makeToken(first)
    const { cookie } = await signIn(anonymous(first), token)
    expect([await on(first, cookie), await on(second, cookie)]).toEqual([200, 200])
    expect((await second.call({ method: 'DELETE', url: `/v1/access-tokens/${id}` })).statusCode).toBe(204)
    expect([await on(first, cookie), await on(second, cookie)]).toEqual([401, 401])
  })

  it('used on one is not taken for idle by the other, which read it long ago', async () => {
    await using cluster = await startTwoNodes()
    const [first, second] = cluster.nodes
    const { token } = await makeToken(first)
    const { cookie } = await signIn(anonymous(first), token)
    expect(await on(second, cookie)).toBe(200)
    cluster.clock.nowMs += 6 * hourMs
    expect(await on(first, cookie)).toBe(200)
    // As a stopping node does, and every node every ten seconds.
    await first.cutover.stop()
    cluster.clock.nowMs += 6 * hourMs
    expect(await on(second, cookie)).toBe(200)
    cluster.clock.nowMs += 8 * hourMs
    expect(await on(second, cookie)).toBe(401)
  })
})
