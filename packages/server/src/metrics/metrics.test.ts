import { bodySha256, signRequest } from '@cutover/signing'
import { describe, expect, it } from 'vitest'
import { userHash } from '../../test/caller.ts'
import { everywhere, IdentitySecrets } from '../../test/identity-secrets.ts'
import { engines, type InProcess, startInProcess } from '../../test/in-process.ts'
import { startTwoNodes } from '../../test/nodes-in-process.ts'
import { Scrape, scrape } from '../../test/scrape.ts'

const minute = 60_000
const day = 86_400_000
const enforcement = { web: 'enforce', ios: 'enforce', android: 'enforce' }

async function post({ call }: Pick<InProcess, 'call'>, url: string, payload: object, headers = {}) {
  const response = await call({ method: 'POST', url, payload, headers })
  expect([response.statusCode, response.json().detail]).toEqual([expect.any(Number), undefined])
  return response.json()
}

function question(secret: string, platform = 'web') {
  return { platform, userId: 'user_1', userHash: userHash(secret, 'user_1') }
}

const durations = 'cutover_verification_duration_seconds'

describe('the metrics of verifications', () => {
  it('count each item by platform and outcome, and time each request once', async () => {
    await using cutover = await startInProcess()
    const { secret } = await new IdentitySecrets(cutover).create()
    await post(cutover, '/v1/verifications', question(secret))
    await post(cutover, '/v1/verifications', question('another secret, not this', 'ios'))
    const items = [question(secret), question(secret), { platform: 'android' }, { platform: 'tv' }]
    await post(cutover, '/v1/verifications/batch', { items })
    const seen = await scrape(cutover)
    const counted = Object.entries(seen.values('cutover_verifications_total')).filter(([, count]) => count > 0)
    expect(Object.fromEntries(counted)).toEqual({ 'web verified': 3, 'ios mismatch': 1, 'android unsigned': 1 })
    expect(seen.values(`${durations}_count`)).toEqual({ verify: 2, verifyBatch: 1, verifyRequest: 0 })
    expect(seen.value(`${durations}_sum`, { operation: 'verify' })).toBeGreaterThan(0)
    expect(seen.value(`${durations}_sum`, { operation: 'verifyRequest' })).toBe(0)
  })

  it('time nothing that had no verdict', async () => {
    await using cutover = await startInProcess()
    const ask = async (payload: object, token = cutover.token) =>
      (await cutover.call({ method: 'POST', url: '/v1/verifications', payload, token })).statusCode
    expect(await ask({ platform: 'tv' })).toBe(422)
    expect(await ask({ platform: 'web', userHash: 'a', jwt: 'b' })).toBe(422)
    expect(await ask({ platform: 'web' }, 'x')).toBe(401)
    expect((await scrape(cutover)).values(`${durations}_count`)).toEqual({
      verify: 0,
      verifyBatch: 0,
      verifyRequest: 0,
    })
  })

  it('count signed requests by outcome, a replayed one too', async () => {
    await using cutover = await startInProcess()
    const { key, secret } = await post(cutover, '/v1/integrators', { name: 'a' })
    const parts = { method: 'GET', path: '/orders' }
    const asked = (signedWith: string) => {
      const signed = signRequest({ key, secret: signedWith }, parts, { nowMs: cutover.clock.nowMs })
      const { 'X-Timestamp': timestamp, 'X-Signature': signature } = signed
      return { integratorKey: key, ...parts, timestamp, signature, bodySha256: bodySha256(undefined) }
    }
    const verify = (payload: object) => post(cutover, '/v1/request-verifications', payload)
    await verify(asked(secret))
    const once = { ...asked(secret), consume: true }
    await verify(once)
    await verify(once)
    await verify(asked('ints_another'))
    const seen = await scrape(cutover)
    expect(seen.values('cutover_request_verifications_total')).toEqual({
      verified: 2,
      timestamp_malformed: 0,
      timestamp_out_of_range: 0,
      signature_malformed: 0,
      signature_invalid: 1,
      signature_replayed: 1,
    })
    expect(seen.value(`${durations}_count`, { operation: 'verifyRequest' })).toBe(4)
  })

  it('tell how often a keyset was in memory', async () => {
    await using cutover = await startInProcess()
    const { secret } = await new IdentitySecrets(cutover).create()
    const lookups = async () => (await scrape(cutover)).values('cutover_keyset_cache_lookups_total')
    const none = { 'workspace hit': 0, 'workspace miss': 0, 'integrator hit': 0, 'integrator miss': 0 }
    expect(await lookups()).toEqual(none)
    for (let asked = 0; asked < 3; asked += 1) await post(cutover, '/v1/verifications', question(secret))
    expect(await lookups()).toEqual({ ...none, 'workspace hit': 3, 'workspace miss': 1 })
    expect((await scrape(cutover)).values('cutover_cached_keysets')).toEqual({ workspace: 1, integrator: 0 })
    cutover.cutover.node.dropAll()
    expect((await scrape(cutover)).values('cutover_cached_keysets')).toEqual({ workspace: 0, integrator: 0 })
  })
})

describe('the metrics of a node', () => {
  it('tell its version, its epoch, and what is left of its lease: nothing once it has left', async () => {
    await using cutover = await startInProcess({ environment: { CUTOVER_LEASE_MS: '5000' } })
    const before = await scrape(cutover)
    expect(before.values('cutover_build_info')).toEqual({ '0.1.0': 1 })
    expect(before.value('cutover_lease_seconds')).toBeGreaterThan(0)
    expect(before.value('cutover_lease_seconds')).toBeLessThanOrEqual(4.99)
    await new IdentitySecrets(cutover).create()
    const epoch = before.value('cutover_revocation_epoch') ?? Number.NaN
    expect((await scrape(cutover)).value('cutover_revocation_epoch')).toBe(epoch + 1)
    await cutover.cutover.node.leave(1000)
    expect((await scrape(cutover)).value('cutover_lease_seconds')).toBe(0)
  })

  it('tell for how long nothing was flushed', async () => {
    await using cutover = await startInProcess()
    await cutover.cutover.flusher.flush()
    const lag = async () => (await scrape(cutover)).value('cutover_usage_flush_lag_seconds')
    expect(await lag()).toBe(0)
    cutover.clock.nowMs += 1500
    expect(await lag()).toBe(1.5)
    await cutover.cutover.flusher.flush()
    expect(await lag()).toBe(0)
  })

  it('tell how many nodes there are', async () => {
    await using alone = await startInProcess()
    expect((await scrape(alone)).value('cutover_nodes')).toBe(1)
    await using two = await startTwoNodes()
    const seen = async () => new Scrape((await two.nodes[0].call({ url: '/metrics' })).body).value('cutover_nodes')
    expect(await seen()).toBe(2)
    await two.nodes[1].cutover.node.leave(5000)
    expect(await seen()).toBe(2)
    two.clock.nowMs += minute
    expect(await seen()).toBe(1)
  })
})

describe.each(engines)('the metrics of secrets and tokens on %s', (engine) => {
  it('count what is live by kind and state, of all workspaces, and show a change within a minute', async () => {
    await using cutover = await startInProcess({ engine })
    const secrets = new IdentitySecrets(cutover)
    const [, retiring, disabled, expired, deleted, back] = [
      await secrets.create(),
      await secrets.create(),
      await secrets.create(),
      await secrets.create(),
      await secrets.create(),
      await secrets.create(),
    ]
    await secrets.after(retiring.id, 'retire', { afterSeconds: 3600 })
    await secrets.after(disabled.id, 'disable')
    await secrets.after(expired.id, 'retire', { afterSeconds: 0 })
    expect((await secrets.delete(deleted.id)).statusCode).toBe(204)
    await secrets.after(back.id, 'disable', { revertAfterSeconds: 60 })
    const { key } = await post(cutover, '/v1/integrators', { name: 'a' })
    const regenerate = { oldSecretValidForSeconds: 3600 }
    await post(cutover, '/v1/integrator/regenerate-secret', regenerate, { 'x-integrator-key': key })
    const body = { name: 'a', preset: 'rotator' }
    await post(cutover, '/v1/access-tokens', { ...body, expiresInSeconds: 61 })
    const { id } = await post(cutover, '/v1/access-tokens', body)
    await post(cutover, `/v1/access-tokens/${id}/rotate`, { oldTokenValidForSeconds: 3600 })
    const counted = async () => (await scrape(cutover)).values('cutover_secrets')
    const atFirst = {
      'identity_secret active': 1,
      'identity_secret retiring': 1,
      'identity_secret disabled': 2,
      'integrator_secret current': 1,
      'integrator_secret retiring': 1,
      'access_token active': 3,
      'access_token retiring': 1,
    }
    expect(await counted()).toEqual(atFirst)
    expect((await secrets.delete(retiring.id)).statusCode).toBe(204)
    const elsewhere = { 'cutover-workspace': await cutover.createWorkspace('Elsewhere') }
    await post(cutover, '/v1/identity-secrets', { name: 'b', platforms: everywhere }, elsewhere)
    cutover.clock.nowMs += minute - 1
    const stale = await scrape(cutover)
    expect(stale.values('cutover_secrets')).toEqual(atFirst)
    expect(stale.value('cutover_census_age_seconds')).toBe(59.999)
    cutover.clock.nowMs += 1
    expect(await counted()).toEqual({
      ...atFirst,
      'identity_secret active': 3,
      'identity_secret retiring': 0,
      'identity_secret disabled': 1,
    })
    cutover.clock.nowMs += minute
    expect((await counted())['access_token active']).toBe(2)
  })

  it('count as overdue what the lists call overdue, by the policy of each workspace, and tell the oldest age', async () => {
    await using cutover = await startInProcess({ engine })
    const beginMs = cutover.clock.nowMs
    const secrets = new IdentitySecrets(cutover)
    const { id } = await secrets.create()
    const { key } = await post(cutover, '/v1/integrators', { name: 'a' })
    const token = await post(cutover, '/v1/access-tokens', { name: 'a', preset: 'rotator' })
    const overdueAt = async (nowMs: number) => {
      cutover.clock.nowMs = nowMs
      return (await scrape(cutover)).values('cutover_overdue')
    }
    const none = { identity_secret: 0, integrator_secret: 0, access_token: 0 }
    expect(await overdueAt(beginMs + 2 * day)).toEqual(none)
    const settings = { enforcement, rotationPolicy: { maxAgeDays: 10 } }
    expect((await cutover.call({ method: 'PUT', url: '/v1/settings', payload: settings })).statusCode).toBe(200)
    expect(await overdueAt(beginMs + 10 * day - 1)).toEqual(none)
    expect(await overdueAt(beginMs + 10 * day + minute)).toEqual({
      identity_secret: 1,
      integrator_secret: 1,
      access_token: 1,
    })
    const ages = async () => (await scrape(cutover)).values('cutover_oldest_age_seconds')
    expect(await ages()).toEqual({ identity_secret: 864_060, integrator_secret: 864_060, access_token: 864_060 })

    const regenerate = { oldSecretValidForSeconds: 3600 }
    await post(cutover, '/v1/integrator/regenerate-secret', regenerate, { 'x-integrator-key': key })
    await cutover.call({ method: 'DELETE', url: `/v1/access-tokens/${token.id}` })
    await secrets.delete(id)
    expect(await overdueAt(beginMs + 10 * day + 2 * minute)).toEqual(none)
    expect(await ages()).toMatchObject({ identity_secret: 0, integrator_secret: 864_120 })
  })
})
