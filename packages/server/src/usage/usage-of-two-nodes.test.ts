import type { VerificationRequest } from '@cutover/contract'
import { describe, expect, it } from 'vitest'
import { startTwoNodes } from '../../test/nodes-in-process.ts'
import { cutoverOf, deleteIfQuiet, makeSecret, question, verify } from '../../test/usage-calls.ts'
import type { Cutover } from '../main.ts'

const hour = 3_600_000

describe('usage of two nodes', () => {
  it('is exact: 10,000 verifications of three secrets on three platforms by five sources', async () => {
    await using cluster = await startTwoNodes()
    const { nodes } = cluster
    const secrets: { readonly id: string; readonly secret: string }[] = []
    for (const name of ['a', 'b', 'c']) secrets.push(await makeSecret(nodes[0], name))
    const platforms = ['web', 'ios', 'android'] as const
    const expected = new Map<string, number>()
    const items: { secret: number; item: VerificationRequest }[] = Array.from({ length: 10_000 }, (_, index) => {
      const secret = (index * 7) % 3
      const platform = platforms[(index * 11 + (index >> 4)) % 3] ?? 'web'
      const source = `app-${(index * 13 + (index >> 5)) % 5}`
      for (const key of [`${secret} ${platform}`, `${secret} ${source}`])
        expected.set(key, (expected.get(key) ?? 0) + 1)
      return { secret, item: question(secrets[secret]?.secret ?? '', { platform, source }) }
    })
    const batches = Array.from({ length: 100 }, (_, at) => items.slice(at * 100, at * 100 + 100))
    await Promise.all(
      batches.map(async (batch, at) => {
        const node = nodes[at % 2] ?? nodes[0]
        const payload = { items: batch.map(({ item }) => item) }
        const response = await node.call({ method: 'POST', url: '/v1/verifications/batch', payload })
        expect(response.json().results.every((each: { verified: boolean }) => each.verified)).toBe(true)
        if (at % 10 === 0) await node.cutover.flusher.flush()
      }),
    )
    await nodes[1].cutover.flusher.flush()
    const counted = new Map<string, number>()
    for (const [index, { id }] of secrets.entries()) {
      const usage = await nodes[0].call({ url: `/v1/identity-secrets/${id}/usage?bucket=day` })
      for (const { platform, count } of usage.json().data) counted.set(`${index} ${platform}`, count)
      const { sources, counts } = await cutoverOf(nodes[0], id)
      for (const { source, count } of sources) counted.set(`${index} ${source}`, count)
      const total = platforms.reduce((sum, platform) => sum + (expected.get(`${index} ${platform}`) ?? 0), 0)
      expect(counts).toEqual({ lastHour: total, lastDay: total, last30Days: total })
    }
    expect(counted).toEqual(expected)
  })

  it('is unknown while one of them cannot write what it verified, and known again once it can', async () => {
    await using cluster = await startTwoNodes()
    const { nodes, clock } = cluster
    const [first, second] = nodes
    const old = await makeSecret(first, 'old')
    const next = await makeSecret(first, 'new')
    await verify(second, old.secret)
    await second.cutover.flusher.flush()
    clock.nowMs += 2 * hour
    await verify(first, next.secret)
    await second.cutover.flusher.flush()
    expect((await cutoverOf(first, old.id)).verdict).toBe('safe')

    await using _ = await lockReportOf(second.cutover)
    await verify(second, old.secret, { source: 'a late one' })
    clock.nowMs += 6001
    const seen = await cutoverOf(first, old.id)
    expect(seen).toMatchObject({ verdict: 'unknown' })
    expect(seen.why).toBe(
      `Node ${second.cutover.node.nodeId} has not told since 2026-11-21T14:00:00.000Z what it verified`,
    )
    const refused = await deleteIfQuiet(first, old.id, 60)
    expect([refused.statusCode, refused.json().code]).toEqual([409, 'usage_unknown'])
    await _[Symbol.asyncDispose]()
    const guarded = await deleteIfQuiet(first, old.id, 60)
    expect([guarded.statusCode, guarded.json().code]).toEqual([409, 'secret_in_use'])
    expect(guarded.json().detail).toContain('a late one')
    expect(await cutoverOf(first, old.id)).toMatchObject({ verdict: 'in_use', sources: [{ source: 'a late one' }, {}] })
  })

  it('is not waited for by a node that has stopped: it told everything first', async () => {
    await using cluster = await startTwoNodes()
    const [first, second] = cluster.nodes
    const old = await makeSecret(first, 'old')
    await verify(second, old.secret, { source: 'the last one' })
    await second.cutover.stop()
    expect((await cutoverOf(first, old.id)).sources).toMatchObject([{ source: 'the last one', count: 1 }])
    cluster.clock.nowMs += hour
    const next = await makeSecret(first, 'new')
    await verify(first, next.secret)
    expect((await cutoverOf(first, old.id)).verdict).toBe('safe')
    expect((await deleteIfQuiet(first, old.id, 3600)).statusCode).toBe(204)
  })
})

/** Keeps a process from writing what it counted, until it is disposed of. */
async function lockReportOf({ opened, flusher }: Cutover) {
  const release = Promise.withResolvers<void>()
  const locked = Promise.withResolvers<void>()
  const held = opened.db.transaction().execute(async (tx) => {
    await tx.selectFrom('usage_reports').where('process_id', '=', flusher.processId).selectAll().forUpdate().execute()
    const alive = setInterval(() => void tx.selectFrom('revocation_epoch').selectAll().execute(), 200)
    locked.resolve()
    await release.promise
    clearInterval(alive)
  })
  await locked.promise
  return {
    async [Symbol.asyncDispose]() {
      release.resolve()
      await held
    },
  }
}
