import { signRequest } from '@cutover/signing'
import { describe, expect, it } from 'vitest'
import { IdentitySecrets, isoTime } from '../../../test/identity-secrets.ts'
import { engines, type InProcess, startInProcess } from '../../../test/in-process.ts'

const day = 86_400_000
const enforcement = { web: 'enforce', ios: 'enforce', android: 'enforce' }

async function allow(cutover: InProcess, maxAgeDays: number | null): Promise<void> {
  const payload = { enforcement, rotationPolicy: { maxAgeDays } }
  expect((await cutover.call({ method: 'PUT', url: '/v1/settings', payload })).statusCode).toBe(200)
}

async function post(cutover: InProcess, url: string, payload: object) {
  const response = await cutover.call({ method: 'POST', url, payload })
  expect([response.statusCode, response.json().detail]).toEqual([201, undefined])
  return response.json()
}

async function list(cutover: InProcess, url: string): Promise<Record<string, unknown>[]> {
  const response = await cutover.call({ url })
  expect(response.statusCode).toBe(200)
  return response.json().data
}

async function ids(cutover: InProcess, url: string): Promise<unknown[]> {
  return (await list(cutover, url)).map(({ id }) => id)
}

describe.each(engines)('what the rotation policy says of identity secrets on %s', (engine) => {
  it('is due at that many days after their making, and is nothing without a policy', async () => {
    await using cutover = await startInProcess({ engine })
    const secrets = new IdentitySecrets(cutover)
    const beginMs = cutover.clock.nowMs
    const { id } = await secrets.create()
    expect((await secrets.read(id)).rotationDueAt).toBeNull()
    await allow(cutover, 90)
    cutover.clock.nowMs = beginMs + 10 * day
    expect(await secrets.read(id)).toMatchObject({ ageDays: 10, rotationDueAt: isoTime(beginMs + 90 * day) })
    const later = await secrets.rotate(id, { graceSeconds: 3600 })
    expect(later.rotationDueAt).toBe(isoTime(beginMs + 100 * day))
    await allow(cutover, null)
    expect((await secrets.list()).data.map(({ rotationDueAt }) => rotationDueAt)).toEqual([null, null])
  })

  it('is overdue at that very moment, as long as they live', async () => {
    await using cutover = await startInProcess({ engine })
    const secrets = new IdentitySecrets(cutover)
    const beginMs = cutover.clock.nowMs
    const { id } = await secrets.create()
    const [disabled, dead] = [await secrets.create(), await secrets.create()]
    await secrets.after(disabled.id, 'disable')
    cutover.clock.nowMs += 1
    await secrets.create()
    const overdue = (query = '') => ids(cutover, `/v1/identity-secrets?overdue=true${query}`)
    expect(await overdue()).toEqual([])
    await allow(cutover, 1)
    cutover.clock.nowMs = beginMs + day - 1
    expect(await overdue()).toEqual([])
    cutover.clock.nowMs = beginMs + day
    expect(await overdue()).toEqual([id, disabled.id, dead.id])
    await secrets.delete(dead.id)
    await secrets.after(id, 'retire', { afterSeconds: 0 })
    expect([await overdue(), await overdue('&state=all')]).toEqual([[disabled.id], [disabled.id]])
    expect(await secrets.read(id)).toMatchObject({ state: 'expired', rotationDueAt: null })
    expect((await secrets.list('?overdue=false')).data).toHaveLength(2)
  })
})

describe.each(engines)('what the rotation policy says of access tokens on %s', (engine) => {
  it('is due at that many days after their making, in lists and in the answer to a create', async () => {
    await using cutover = await startInProcess({ engine })
    const beginMs = cutover.clock.nowMs
    const body = { name: 'a', preset: 'rotator' }
    expect((await post(cutover, '/v1/access-tokens', body)).rotationDueAt).toBeNull()
    await allow(cutover, 30)
    const due = isoTime(beginMs + 30 * day)
    const { id, rotationDueAt } = await post(cutover, '/v1/access-tokens', body)
    expect(rotationDueAt).toBe(due)
    expect((await list(cutover, '/v1/access-tokens')).map((token) => token['rotationDueAt'])).toEqual([due, due])
    cutover.clock.nowMs += day
    const rotated = await post(cutover, `/v1/access-tokens/${id}/rotate`, { oldTokenValidForSeconds: 60 })
    expect(rotated.rotationDueAt).toBe(isoTime(beginMs + 31 * day))
  })

  it('is nothing for tokens of the instance, which belong to no workspace', async () => {
    await using cutover = await startInProcess({ engine })
    await allow(cutover, 1)
    const made = await post(cutover, '/v1/access-tokens', { name: 'i', scopes: ['verify'], instance: true })
    cutover.clock.nowMs += 365 * day
    const listed = await list(cutover, '/v1/access-tokens?instance=true')
    expect([made, ...listed].map(({ rotationDueAt }) => rotationDueAt)).toEqual([null, null, null])
    expect(await list(cutover, '/v1/access-tokens?instance=true&overdue=true')).toEqual([])
    const rotated = await post(cutover, `/v1/access-tokens/${made.id}/rotate`, { oldTokenValidForSeconds: 60 })
    expect(rotated.rotationDueAt).toBeNull()
  })

  it('is overdue at that very moment, as long as they are good', async () => {
    await using cutover = await startInProcess({ engine })
    const beginMs = cutover.clock.nowMs
    const body = { name: 'a', preset: 'rotator' }
    const { id } = await post(cutover, '/v1/access-tokens', body)
    const short = await post(cutover, '/v1/access-tokens', { ...body, expiresInSeconds: 86_401 })
    cutover.clock.nowMs += 1
    await post(cutover, '/v1/access-tokens', body)
    const overdue = () => ids(cutover, '/v1/access-tokens?overdue=true')
    expect(await overdue()).toEqual([])
    await allow(cutover, 1)
    cutover.clock.nowMs = beginMs + day - 1
    expect(await overdue()).toEqual([])
    cutover.clock.nowMs = beginMs + day
    expect(await overdue()).toEqual([id, short.id])
    cutover.clock.nowMs = beginMs + day + 1000
    expect((await overdue())[0]).toBe(id)
    expect(await overdue()).not.toContain(short.id)
    const expired = (await list(cutover, '/v1/access-tokens')).find((token) => token['id'] === short.id)
    expect(expired).toMatchObject({ state: 'expired', rotationDueAt: null })
  })
})

describe.each(engines)('what the rotation policy says of integrators on %s', (engine) => {
  it('is due for each secret by itself, and overdue is whose current one is', async () => {
    await using cutover = await startInProcess({ engine })
    const beginMs = cutover.clock.nowMs
    const first = await post(cutover, '/v1/integrators', { name: 'first' })
    cutover.clock.nowMs += 1
    await post(cutover, '/v1/integrators', { name: 'second' })
    await allow(cutover, 1)
    const overdue = () => ids(cutover, '/v1/integrators?overdue=true')
    cutover.clock.nowMs = beginMs + day - 1
    expect(await overdue()).toEqual([])
    cutover.clock.nowMs = beginMs + day
    expect(await overdue()).toEqual([first.id])
    const regenerated = await cutover.call({
      method: 'POST',
      url: '/v1/integrator/regenerate-secret',
      payload: { oldSecretValidForSeconds: 60 },
      headers: { 'x-integrator-key': first.key },
    })
    expect(regenerated.statusCode).toBe(200)
    expect(await overdue()).toEqual([])
    const read = await cutover.call({ url: `/v1/integrators/${first.id}` })
    expect(read.json().secrets).toMatchObject([
      { state: 'current', createdAt: isoTime(beginMs + day), rotationDueAt: isoTime(beginMs + 2 * day) },
      { state: 'retiring', createdAt: isoTime(beginMs), rotationDueAt: isoTime(beginMs + day) },
    ])
    await allow(cutover, null)
    expect((await list(cutover, '/v1/integrators'))[0]).toMatchObject({
      secrets: [{ rotationDueAt: null }, { rotationDueAt: null }],
    })
    expect(await overdue()).toEqual([])
  })

  it('is not told to the integrator, whose dialect has no word for it', async () => {
    await using cutover = await startInProcess({ engine })
    await allow(cutover, 1)
    const { key, secret } = await post(cutover, '/v1/integrators', { name: 'first' })
    const url = '/v1/integrator'
    const nowMs = cutover.clock.nowMs
    const headers = signRequest({ key, secret }, { method: 'GET', path: url }, { nowMs })
    const own = await cutover.call({ url, headers: { ...headers }, token: null })
    expect(own.statusCode).toBe(200)
    expect(own.json().secrets.map((each: object) => Object.keys(each))).toEqual([['fingerprint', 'state', 'expiresAt']])
  })
})
