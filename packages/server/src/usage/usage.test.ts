import { signRequest } from '@cutover/signing'
import type { LightMyRequestResponse } from 'fastify'
import { describe, expect, it } from 'vitest'
import { engines, startInProcess } from '../../test/in-process.ts'
import { cutoverOf, deleteIfQuiet, makeSecret, question, verify } from '../../test/usage-calls.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

describe.each(engines)('usage on %s', (engine) => {
  it('counts each success by platform, bucket and source, and nothing that failed', async () => {
    await using cutover = await startInProcess({ engine })
    const made = await makeSecret(cutover, 'a')
    await verify(cutover, made.secret, { source: 'billing' })
    await verify(cutover, made.secret, { platform: 'ios' })
    await cutover.call({ method: 'POST', url: '/v1/verifications', payload: question('another secret, not this') })
    cutover.clock.nowMs += hour
    await verify(cutover, made.secret, { source: 'billing' })
    const usage = async (query: string) =>
      (await cutover.call({ url: `/v1/identity-secrets/${made.id}/usage${query}` })).json()
    const bucket = (start: string, platform: string, count: number) => ({ start, platform, count })
    const hours = [
      bucket('2026-11-21T12:00:00.000Z', 'ios', 1),
      bucket('2026-11-21T12:00:00.000Z', 'web', 1),
      bucket('2026-11-21T13:00:00.000Z', 'web', 1),
    ]
    expect(await usage('')).toEqual({ data: hours })
    expect(await usage('?bucket=minute')).toEqual({ data: hours })
    expect(await usage('?bucket=hour&to=2026-11-21T13:00:00Z')).toEqual({ data: hours.slice(0, 2) })
    expect(await usage('?from=2026-11-21T12:59:59.999Z')).toEqual({ data: hours })
    expect(await usage('?from=2026-11-21T13:00:00Z')).toEqual({ data: hours.slice(2) })
    const midnight = '2026-11-21T00:00:00.000Z'
    expect(await usage('?bucket=day')).toEqual({ data: [bucket(midnight, 'ios', 1), bucket(midnight, 'web', 2)] })

    const { counts, sources, platforms, shareOfLastDay } = await cutoverOf(cutover, made.id)
    expect({ counts, platforms, shareOfLastDay }).toEqual({
      counts: { lastHour: 1, lastDay: 3, last30Days: 3 },
      platforms: ['ios', 'web'],
      shareOfLastDay: 1,
    })
    expect(sources).toEqual([
      { source: 'billing', count: 2, lastSeenAt: '2026-11-21T13:00:00.000Z' },
      { source: null, count: 1, lastSeenAt: '2026-11-21T12:00:00.000Z' },
    ])
  })

  it('says who is left during a rotation, and turns safe exactly as long after the last use as was asked for', async () => {
    await using cutover = await startInProcess({ engine })
    const { clock } = cutover
    const old = await makeSecret(cutover, 'old')
    const clients = Array.from({ length: 100 }, (_, index) => `client-${index}`)
    for (const source of clients) await verify(cutover, old.secret, { source })
    clock.nowMs += hour
    const next = await makeSecret(cutover, 'new')
    const asked = '?quietSeconds=600'
    // One client after the other moves, a minute apart: the last one to have signed with the old secret is named.
    for (const [moved, source] of clients.entries()) {
      for (const left of clients.slice(moved, moved + 2)) await verify(cutover, old.secret, { source: left })
      clock.nowMs += minute
      await verify(cutover, next.secret, { source })
      if (moved % 20 === 0 || moved === 99) {
        const seen = await cutoverOf(cutover, old.id, asked)
        expect(seen.verdict).toBe('in_use')
        expect(seen.sources.slice(0, 2).map((each) => each.source)).toContain(clients[Math.min(moved + 1, 99)])
      }
    }
    const lastUseMs = clock.nowMs - minute
    const refused = await deleteIfQuiet(cutover, old.id, 600)
    expect([refused.statusCode, refused.json().code]).toEqual([409, 'secret_in_use'])

    clock.nowMs = lastUseMs + 600_000 - 1
    await verify(cutover, next.secret, { source: 'client-99' })
    const before = await cutoverOf(cutover, old.id, asked)
    expect(before).toMatchObject({ verdict: 'in_use', quietForSeconds: 599, quietSecondsRequired: 600 })
    expect(before.sources[0]?.source).toBe('client-99')
    expect(before.why).toContain('(client-99)')
    expect((await deleteIfQuiet(cutover, old.id, 600)).statusCode).toBe(409)
    clock.nowMs += 1
    expect(await cutoverOf(cutover, old.id, asked)).toMatchObject({
      verdict: 'safe',
      quietForSeconds: 600,
      successors: [next.id],
    })
    expect((await deleteIfQuiet(cutover, old.id, 600)).statusCode).toBe(204)
  })

  it('does not take a job that runs every night for gone at noon', async () => {
    await using cutover = await startInProcess({ engine })
    const { clock } = cutover
    const old = await makeSecret(cutover, 'old')
    const next = await makeSecret(cutover, 'new')
    const noon = clock.nowMs
    for (const night of [0, 1, 2]) {
      clock.nowMs = noon + night * day + 14 * hour
      await verify(cutover, old.secret, { source: 'nightly' })
      clock.nowMs = noon + (night + 1) * day
      await verify(cutover, next.secret)
    }
    expect(await cutoverOf(cutover, old.id)).toMatchObject({ verdict: 'in_use', quietSecondsRequired: 48 * 3600 })
    expect(await cutoverOf(cutover, old.id, '?quietSeconds=3600')).toMatchObject({ verdict: 'safe' })
    clock.nowMs = noon + 2 * day + 14 * hour + 48 * hour
    await verify(cutover, next.secret)
    expect(await cutoverOf(cutover, old.id)).toMatchObject({ verdict: 'safe', sources: [{ source: 'nightly' }] })
  })

  it('calls nothing safe without a successor, while it is disabled, or before it was tracked for long enough', async () => {
    await using cutover = await startInProcess({ engine })
    const { clock } = cutover
    const old = await makeSecret(cutover, 'old')
    const webOnly = await makeSecret(cutover, 'web', { web: true })
    await verify(cutover, old.secret, { platform: 'ios' })
    const verdict = async () => {
      const { verdict, why, successors } = await cutoverOf(cutover, old.id)
      return [verdict, why.slice(0, 30), successors]
    }
    clock.nowMs += hour
    await verify(cutover, webOnly.secret)
    expect(await verdict()).toEqual(['unknown', 'No other live secret covers it', []])
    const next = await makeSecret(cutover, 'new')
    await verify(cutover, next.secret, { platform: 'ios' })
    expect(await verdict()).toEqual(['safe', 'Quiet for 3600 seconds (3600 r', [next.id]])
    const post = (action: string) =>
      cutover.call({ method: 'POST', url: `/v1/identity-secrets/${old.id}/${action}`, payload: {} })
    expect((await post('disable')).statusCode).toBe(200)
    expect(await verdict()).toMatchObject(['unknown', 'It is disabled since 2026-11-2', [next.id]])
    clock.nowMs += hour
    const enabled = await cutover.call({ method: 'POST', url: `/v1/identity-secrets/${old.id}/enable` })
    expect(enabled.statusCode).toBe(200)
    await verify(cutover, next.secret, { platform: 'ios' })
    expect(await verdict()).toMatchObject(['unknown', 'It was disabled until 2026-11-', [next.id]])
    clock.nowMs += hour
    await verify(cutover, next.secret, { platform: 'ios' })
    expect((await verdict())[0]).toBe('safe')
    expect(await cutoverOf(cutover, next.id)).toMatchObject({ verdict: 'in_use', shareOfLastDay: 0.75 })
    const fresh = await makeSecret(cutover, 'fresh')
    expect((await cutoverOf(cutover, fresh.id)).why).toContain('Its uses are counted since 2026-11-21T15:00:00.000Z')
  })

  it('deletes nothing that was used within the time that was named, and says who used it', async () => {
    await using cutover = await startInProcess({ engine })
    const made = await makeSecret(cutover, 'a')
    await verify(cutover, made.secret, { source: 'checkout/2.1' })
    cutover.clock.nowMs += 10_000
    const refused = await deleteIfQuiet(cutover, made.id, 11)
    expect(refused.statusCode).toBe(409)
    expect(refused.json()).toMatchObject({
      code: 'secret_in_use',
      detail:
        'The secret last verified something at 2026-11-21T12:00:00.000Z; it was last used by checkout/2.1: nothing was deleted',
    })
    await verify(cutover, made.secret, { source: 'checkout/2.1' })
    cutover.clock.nowMs += 10_000
    expect((await deleteIfQuiet(cutover, made.id, 10)).statusCode).toBe(204)
    expect((await deleteIfQuiet(cutover, made.id, 0)).statusCode).toBe(404)
  })

  it('looks at what was used as late as inside the transaction that deletes', async () => {
    await using cutover = await startInProcess({ engine })
    const { store } = cutover.cutover
    const made = await makeSecret(cutover, 'a')
    // Another node writes its last uses after all were asked, before this delete commits.
    const transaction = store.transaction.bind(store)
    let deletes = 0
    store.transaction = (work) =>
      transaction(async (tx) => {
        const { markDeleted } = tx.identitySecrets
        tx.identitySecrets.markDeleted = async (...args) => {
          deletes += 1
          const usedMs = cutover.clock.nowMs
          await tx.usage.addUses([{ secretId: Number(made.id), firstMs: usedMs, lastMs: usedMs }])
          return markDeleted(...args)
        }
        return work(tx)
      })
    const refused = await deleteIfQuiet(cutover, made.id, 60)
    expect([deletes, refused.statusCode, refused.json().code]).toEqual([1, 409, 'secret_in_use'])
    expect((await cutover.call({ url: `/v1/identity-secrets/${made.id}` })).json().state).toBe('active')
  })

  it('shows secrets of another workspace to nobody, nor whether they were used', async () => {
    await using cutover = await startInProcess({ engine })
    const made = await makeSecret(cutover, 'a')
    await verify(cutover, made.secret)
    const other = await cutover.createWorkspace('Other')
    const scopes = ['read_secure_mode_secret', 'write_secure_mode_secret', 'read_integrators'] as const
    const foreign = await cutover.createToken({ scopes, workspaceId: other })
    const asForeign = (id: string, rest: string, method: 'GET' | 'DELETE' = 'GET') =>
      cutover.call({ method, url: `/v1/identity-secrets/${id}${rest}`, token: foreign })
    const bare = (response: LightMyRequestResponse) => {
      const { instance, ...body } = response.json()
      return { status: response.statusCode, body }
    }
    for (const rest of ['/usage', '/cutover']) {
      const expected = bare(await asForeign('999999', rest))
      expect(expected.status).toBe(404)
      expect(bare(await asForeign(made.id, rest))).toEqual(expected)
    }
    const guarded = '?ifQuietForSeconds=60'
    expect(bare(await asForeign(made.id, guarded, 'DELETE'))).toEqual(
      bare(await asForeign('999999', guarded, 'DELETE')),
    )
    const narrow = await cutover.createToken({ scopes: ['verify'], workspaceId: cutover.workspaceId })
    expect((await cutover.call({ url: `/v1/identity-secrets/${made.id}/usage`, token: narrow })).statusCode).toBe(403)
  })

  it.each([
    ['/usage?bucket=week', 'bucket must be one of minute, hour, day'],
    ['/usage?from=yesterday', 'from must be a time like 2026-11-21T12:00:00Z'],
    ['/usage?from=2026-11-21T12:00:00Z&to=2026-11-21T12:00:00Z', 'from must be before to'],
    ['/usage?until=now', 'until is not a known field'],
    ['/cutover?quietSeconds=-1', 'quietSeconds is not valid'],
    ['/cutover?quietSeconds=5184001', 'quietSeconds must be whole seconds from 1 to 5184000'],
    ['/cutover?quietSeconds=0', 'quietSeconds must be whole seconds from 1 to 5184000'],
  ])('refuses %s', async (rest, message) => {
    await using cutover = await startInProcess({ engine })
    const made = await makeSecret(cutover, 'a')
    const response = await cutover.call({ url: `/v1/identity-secrets/${made.id}${rest}` })
    expect([response.statusCode, response.json().errors?.[0].message]).toEqual([422, message])
  })

  it('counts what integrators sign, by secret, and tells when they have left the older ones', async () => {
    await using cutover = await startInProcess({ engine })
    const { clock } = cutover
    const made = await cutover.call({ method: 'POST', url: '/v1/integrators', payload: { name: 'Acme' } })
    const { id, key, secret } = made.json()
    const own = (material: string) => {
      const request = { method: 'GET', path: '/v1/integrator' }
      const headers = { ...signRequest({ key, secret: material }, request, { nowMs: clock.nowMs }) }
      return cutover.call({ url: '/v1/integrator', headers, token: null })
    }
    expect((await own(secret)).statusCode).toBe(200)
    const judged = async (query = '?quietSeconds=600') =>
      (await cutover.call({ url: `/v1/integrators/${id}/cutover${query}` })).json()
    expect(await judged()).toMatchObject({
      verdict: 'safe',
      why: 'No older secret is accepted any more: there is nothing left to end',
      judged: [],
    })
    const [old] = (await cutover.call({ url: `/v1/integrators/${id}` })).json().secrets
    const regenerated = await cutover.call({
      method: 'POST',
      url: '/v1/integrator/regenerate-secret',
      headers: { 'x-integrator-key': key },
      payload: { oldSecretValidForSeconds: 3600 },
    })
    expect(regenerated.statusCode).toBe(200)
    expect(await judged()).toMatchObject({ verdict: 'in_use', judged: [old.fingerprint], platforms: ['requests'] })
    clock.nowMs += 600_000
    await own(regenerated.json().secret)
    const secrets = (await cutover.call({ url: `/v1/integrators/${id}` })).json().secrets
    const current = secrets.find((each: { state: string }) => each.state === 'current')
    expect(await judged()).toMatchObject({
      verdict: 'safe',
      successors: [current.fingerprint],
      counts: { lastHour: 1, lastDay: 1, last30Days: 1 },
      shareOfLastDay: 0.5,
      sources: [{ source: null, count: 1 }],
    })
    const usage = await cutover.call({ url: `/v1/integrators/${id}/usage?bucket=day` })
    expect(usage.json().data).toEqual([
      { start: '2026-11-21T00:00:00.000Z', platform: 'requests', count: 1, fingerprint: old.fingerprint },
      { start: '2026-11-21T00:00:00.000Z', platform: 'requests', count: 1, fingerprint: current.fingerprint },
    ])
    const remove = (seconds: number) =>
      cutover.call({ method: 'DELETE', url: `/v1/integrators/${id}?ifQuietForSeconds=${seconds}` })
    expect((await remove(600)).json()).toMatchObject({ status: 409, code: 'secret_in_use' })
    clock.nowMs += 600_000
    expect((await remove(600)).statusCode).toBe(204)
    expect((await cutover.call({ url: `/v1/integrators/${id}/usage` })).statusCode).toBe(404)
  })

  it('keeps the names of fifty sources in the store, however many come, and every count', async () => {
    await using cutover = await startInProcess({ engine })
    const made = await makeSecret(cutover, 'a')
    for (let batch = 0; batch < 5; batch += 1) {
      const items = Array.from({ length: 200 }, (_, index) =>
        question(made.secret, { source: index % 2 === 0 ? 'the real app' : `made up ${batch} ${index}\0` }),
      )
      await cutover.call({ method: 'POST', url: '/v1/verifications/batch', payload: { items } })
      const named = items.map((item, index) => ({ ...item, source: `made up ${batch} ${index}` }))
      await cutover.call({ method: 'POST', url: '/v1/verifications/batch', payload: { items: named } })
      await cutover.cutover.flusher.flush()
    }
    const { sources } = await cutoverOf(cutover, made.id)
    expect(sources.filter(({ source }) => source !== null).length).toBe(50)
    expect(sources.reduce((sum, { count }) => sum + count, 0)).toBe(2000)
    expect(sources.find(({ source }) => source === 'the real app')?.count).toBeGreaterThan(400)
  })

  it('forgets minutes after two days, hours after 90, and keeps days for two years', async () => {
    await using cutover = await startInProcess({ engine })
    const { store } = cutover.cutover
    const { UsagePruner } = await import('./prune-usage.ts')
    const made = await makeSecret(cutover, 'a')
    await verify(cutover, made.secret)
    await cutover.cutover.flusher.flush()
    const usedMs = cutover.clock.nowMs
    const nodes = { list: async () => [] }
    const left = async (laterMs: number) => {
      const system = { nowMs: () => usedMs + laterMs }
      await new UsagePruner({ store, usage: store.read.usage, nodes, system }).turn()
      const rows = await cutover.cutover.opened.db.selectFrom('usage_counts').select('span_minutes').execute()
      return rows.map((row) => row.span_minutes).sort((a, b) => a - b)
    }
    expect(await left(48 * hour + minute)).toEqual([1, 60, 1440])
    expect(await left(48 * hour + minute + 1)).toEqual([60, 1440])
    expect(await left(90 * day + hour)).toEqual([60, 1440])
    expect(await left(90 * day + hour + 1)).toEqual([1440])
    expect(await left(730 * day)).toEqual([1440])
    expect(await left(731 * day)).toEqual([])
  })
})
