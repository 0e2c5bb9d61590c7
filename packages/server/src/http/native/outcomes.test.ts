import { describe, expect, it } from 'vitest'
import { engines, startInProcess } from '../../../test/in-process.ts'
import { startTwoNodes } from '../../../test/nodes-in-process.ts'
import { makeSecret, question, verify } from '../../../test/usage-calls.ts'

const hourMs = 3_600_000
const url = '/v1/verifications/outcomes'

describe.each(engines)('outcomes on %s', (engine) => {
  it('are counted by hour, platform and outcome, of this workspace alone, for a day unless asked otherwise', async () => {
    await using cutover = await startInProcess({ engine })
    const { secret } = await makeSecret(cutover, 's')
    const ask = (payload: object) => cutover.call({ method: 'POST', url: '/v1/verifications', payload })
    await verify(cutover, secret)
    cutover.clock.nowMs += hourMs
    await verify(cutover, secret)
    await verify(cutover, secret)
    await ask(question('another', { platform: 'ios' }))
    await ask({ platform: 'web' })
    const other = await cutover.createWorkspace('Other')
    await ask({ platform: 'web', workspaceId: other })
    const headers = { 'cutover-workspace': cutover.workspaceId }
    const hours = [
      { start: '2026-11-21T12:00:00.000Z', platform: 'web', outcome: 'verified', count: 1 },
      { start: '2026-11-21T13:00:00.000Z', platform: 'ios', outcome: 'mismatch', count: 1 },
      { start: '2026-11-21T13:00:00.000Z', platform: 'web', outcome: 'unsigned', count: 1 },
      { start: '2026-11-21T13:00:00.000Z', platform: 'web', outcome: 'verified', count: 2 },
    ]
    const data = async (query = '') => (await cutover.call({ url: `${url}${query}`, headers })).json().data
    expect(await data()).toEqual(hours)
    expect(await data('?from=2026-11-21T13:00:00Z')).toEqual(hours.slice(1))
    expect(await data('?to=2026-11-21T13:00:00Z')).toEqual(hours.slice(0, 1))
    expect(await data('?from=2026-11-21T12:30:00Z&to=2026-11-21T13:00:00.001Z')).toEqual(hours)
    cutover.clock.nowMs += 23 * hourMs
    expect(await data()).toEqual(hours)
    cutover.clock.nowMs += hourMs
    expect(await data()).toEqual(hours.slice(1))
  })
})

describe('outcomes', () => {
  it('ask for a period that begins before it ends, and for the scope', async () => {
    await using cutover = await startInProcess()
    for (const query of [
      'from=x',
      'to=2026-02-30T00:00:00Z',
      'from=2026-11-21T12:00:00Z&to=2026-11-21T12:00:00Z',
      'x=1',
    ]) {
      expect([query, (await cutover.call({ url: `${url}?${query}` })).statusCode]).toEqual([query, 422])
    }
    const token = await cutover.createToken({ scopes: ['verify'], workspaceId: cutover.workspaceId })
    expect((await cutover.call({ url, token })).statusCode).toBe(403)
  })

  it('of two nodes are the sum of what each has told', async () => {
    await using cluster = await startTwoNodes()
    const [first, second] = cluster.nodes
    const { secret } = await makeSecret(first, 's')
    await verify(first, secret)
    await verify(second, secret)
    await second.cutover.flusher.flush()
    expect((await first.call({ url })).json().data).toMatchObject([{ outcome: 'verified', count: 2 }])
  })
})
