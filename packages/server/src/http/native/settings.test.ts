import type { Platform, Settings } from '@cutover/contract'
import { describe, expect, it } from 'vitest'
import { expectProblem } from '../../../test/identity-secrets.ts'
import { engines, type InProcess, startInProcess } from '../../../test/in-process.ts'

const byDefault: Settings = {
  enforcement: { web: 'enforce', ios: 'enforce', android: 'enforce' },
  rotationPolicy: { maxAgeDays: null },
}

const others: Settings = {
  enforcement: { web: 'monitor', ios: 'off', android: 'enforce' },
  rotationPolicy: { maxAgeDays: 90 },
}

function put(payload: object, headers: Record<string, string> = {}) {
  return { method: 'PUT', url: '/v1/settings', payload, headers } as const
}

async function read(cutover: InProcess, headers: Record<string, string> = {}): Promise<Settings> {
  const response = await cutover.call({ url: '/v1/settings', headers })
  expect(response.statusCode).toBe(200)
  return response.json()
}

/** What is decided of an unsigned request, and by which enforcement. */
async function decided(cutover: InProcess, platform: Platform, workspaceId = cutover.workspaceId) {
  const payload = { platform, userId: 'u', workspaceId }
  const { decision, reason, enforcement } = (
    await cutover.call({ method: 'POST', url: '/v1/verifications', payload })
  ).json()
  return [decision, reason, enforcement]
}

async function insertOutcomes(
  cutover: InProcess,
  rows: readonly [platform: Platform, outcome: string, count: number, agoMs?: number][],
) {
  const hourMs = 3_600_000
  const values = rows.map(([platform, outcome, count, agoMs = 0]) => ({
    ...{ workspace_id: cutover.workspaceId, platform, outcome, count },
    start: Math.floor((cutover.clock.nowMs - agoMs) / hourMs) * hourMs,
  }))
  await cutover.cutover.opened.db.insertInto('verification_outcomes').values(values).execute()
}

describe.each(engines)('the settings of a workspace on %s', (engine) => {
  it('enforce every platform and ask for no rotation, until somebody says otherwise, and only there', async () => {
    await using cutover = await startInProcess({ engine })
    const other = await cutover.createWorkspace('Other')
    const [mine, theirs] = [{ 'cutover-workspace': cutover.workspaceId }, { 'cutover-workspace': other }]
    expect(await read(cutover, mine)).toEqual(byDefault)
    const changed = await cutover.call(put(others, mine))
    expect([changed.statusCode, changed.json()]).toEqual([200, others])
    expect(Number(changed.headers['cutover-revocation-epoch'])).toBeGreaterThan(0)
    expect([await read(cutover, mine), await read(cutover, theirs)]).toEqual([others, byDefault])
  })

  it('decide from the answer on what becomes of a request that does not verify', async () => {
    await using cutover = await startInProcess({ engine })
    const platforms = ['web', 'ios', 'android'] as const
    const all = () => Promise.all(platforms.map((platform) => decided(cutover, platform)))
    expect(await all()).toEqual(platforms.map(() => ['reject', 'unsigned', 'enforce']))
    await cutover.call(put(others))
    expect(await all()).toEqual([
      ['allow', 'unsigned', 'monitor'],
      ['allow', 'unsigned', 'off'],
      ['reject', 'unsigned', 'enforce'],
    ])
    await cutover.call(put(byDefault))
    expect(await all()).toEqual(platforms.map(() => ['reject', 'unsigned', 'enforce']))
  })

  it('are recorded with what they were and what they became, once for each change', async () => {
    await using cutover = await startInProcess({ engine })
    const changed = await cutover.call(put(others))
    const again = await cutover.call(put(others))
    expect([again.statusCode, again.json()]).toEqual([200, others])
    expect(again.headers['cutover-revocation-epoch']).toBe(changed.headers['cutover-revocation-epoch'])
    const { data } = (await cutover.call({ url: '/v1/audit-log?action=settings.changed' })).json()
    expect(data).toMatchObject([
      {
        resource: { type: 'settings', id: cutover.workspaceId },
        requestId: changed.headers['x-request-id'],
        metadata: {
          from: { enforcement: byDefault.enforcement, maxAgeDays: null },
          to: { enforcement: others.enforcement, maxAgeDays: 90 },
        },
      },
    ])
    expect(data).toHaveLength(1)
  })

  it('come with what enforcing would do: shares of 24 hours, of each platform', async () => {
    await using cutover = await startInProcess({ engine })
    const nothing = { total: 0, signedShare: null, unsignedShare: null, failingShare: null }
    const readiness = async () => (await cutover.call({ url: '/v1/settings/readiness' })).json()
    expect(await readiness()).toEqual({ web: nothing, ios: nothing, android: nothing })
    const dayMs = 86_400_000
    await insertOutcomes(cutover, [
      ['web', 'verified', 60],
      ['web', 'verified', 20, dayMs],
      ['web', 'unsigned', 15],
      ['web', 'mismatch', 3],
      ['web', 'jwt_expired', 2, dayMs - 1],
      ['web', 'unsigned', 1000, dayMs + 3_600_000],
      ['ios', 'unsigned', 7],
    ])
    expect(await readiness()).toEqual({
      web: { total: 100, signedShare: 0.8, unsignedShare: 0.15, failingShare: 0.05 },
      ios: { total: 7, signedShare: 0, unsignedShare: 1, failingShare: 0 },
      android: nothing,
    })
    const other = await cutover.createWorkspace('Other')
    const elsewhere = await cutover.call({ url: '/v1/settings/readiness', headers: { 'cutover-workspace': other } })
    expect(elsewhere.json().web).toEqual(nothing)
  })

  it('that a deleted workspace had are gone with it', async () => {
    await using cutover = await startInProcess({ engine })
    const made = await cutover.call({ method: 'POST', url: '/v1/workspaces', payload: { name: 'Other' } })
    const headers = { 'cutover-workspace': made.json().id }
    expect((await cutover.call(put(others, headers))).statusCode).toBe(200)
    await cutover.call({ method: 'DELETE', url: `/v1/workspaces/${made.json().id}` })
    expect((await cutover.call(put(byDefault, headers))).statusCode).toBe(404)
    expect((await cutover.call({ url: '/v1/settings', headers })).statusCode).toBe(404)
  })
})

describe('settings are refused', () => {
  const withPolicy = (rotationPolicy: unknown) => ({ ...others, rotationPolicy })

  it.each<[string, object, string]>([
    ['without enforcement', { rotationPolicy: { maxAgeDays: 1 } }, 'enforcement is required'],
    ['without a rotation policy', { enforcement: others.enforcement }, 'rotationPolicy is required'],
    ['without a platform', { ...others, enforcement: { web: 'off', ios: 'off' } }, 'enforcement.android is required'],
    [
      'with an enforcement that there is none of',
      { ...others, enforcement: { ...others.enforcement, web: 'Enforce' } },
      'enforcement.web must be one of enforce, monitor, off',
    ],
    ['with an enforcement that is null', { ...others, enforcement: null }, 'enforcement must be an object'],
    [
      'with a platform that there is none of',
      { ...others, enforcement: { ...others.enforcement, tv: 'off' } },
      'enforcement.tv is not a known field',
    ],
    ['with another field', { ...others, theme: 'dark' }, 'theme is not a known field'],
    ['without a maximal age', withPolicy({}), 'rotationPolicy.maxAgeDays is required'],
    [
      'with an age that is text',
      withPolicy({ maxAgeDays: '90' }),
      'rotationPolicy.maxAgeDays must be an integer or null',
    ],
    ['with half a day', withPolicy({ maxAgeDays: 0.5 }), 'rotationPolicy.maxAgeDays must be an integer or null'],
    ['with no day', withPolicy({ maxAgeDays: 0 }), 'rotationPolicy.maxAgeDays must be at least 1'],
    ['with over ten years', withPolicy({ maxAgeDays: 3651 }), 'rotationPolicy.maxAgeDays must be at most 3650'],
  ])('%s, and stay as they are', async (_title, payload, detail) => {
    await using cutover = await startInProcess()
    expectProblem(await cutover.call(put(payload)), 422, 'validation_failed', detail)
    expect(await read(cutover)).toEqual(byDefault)
  })

  it('to a token that lacks the scope: one reads, the other writes', async () => {
    await using cutover = await startInProcess()
    const { workspaceId } = cutover
    const reader = await cutover.createToken({ scopes: ['read_settings'], workspaceId })
    const writer = await cutover.createToken({ scopes: ['write_settings'], workspaceId })
    const statuses = async (token: string) => {
      const requests = [{ url: '/v1/settings' }, { url: '/v1/settings/readiness' }, put(others)]
      return Promise.all(requests.map(async (request) => (await cutover.call({ ...request, token })).statusCode))
    }
    expect(await statuses(reader)).toEqual([200, 200, 403])
    expect(await statuses(writer)).toEqual([403, 403, 200])
  })
})
