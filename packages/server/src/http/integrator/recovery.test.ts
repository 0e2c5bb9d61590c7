import { describe, expect, it } from 'vitest'
import { engines, type InProcess, startInProcess } from '../../../test/in-process.ts'
import {
  type Call,
  createIntegrator,
  currentSecrets,
  fingerprintOf,
  problemOf,
  regeneratePath,
  standing,
} from '../../../test/integrators.ts'

const absentKey = `int_${'0'.repeat(20)}`

interface Recovery {
  readonly key?: string
  readonly payload?: object
  readonly headers?: Readonly<Record<string, string>>
  readonly token?: string
}

/** As an operator whose integrator has lost its secret. */
function recovery({ key, payload = {}, headers, ...rest }: Recovery): Call {
  const named = key === undefined ? {} : { 'x-integrator-key': key }
  return { method: 'POST', url: regeneratePath, payload, headers: { ...named, ...headers }, ...rest }
}

const writerOf = (cutover: InProcess) =>
  cutover.createToken({ scopes: ['write_integrators'], workspaceId: cutover.workspaceId })

describe.each(engines)('recovery by an operator on %s', (engine) => {
  it('without grace gives a new secret and refuses every older one', async () => {
    await using cutover = await startInProcess({ engine })
    const lost = await createIntegrator(cutover)
    const token = await writerOf(cutover)
    const response = await cutover.call(recovery({ key: lost.key, token }))
    expect([response.statusCode, response.headers['cache-control']]).toEqual([200, 'no-store'])
    expect(response.json()).toEqual({ secret: expect.stringMatching(/^ints_[0-9A-Za-z]{49}$/) })
    expect(response.headers['cutover-revocation-epoch']).toBe(String(cutover.cutover.node.applied))
    const found = { ...response.json(), key: lost.key }
    expect([await standing(cutover, lost), await standing(cutover, found)]).toEqual(['signature_invalid', 'accepted'])
  })

  it('with grace accepts the secret current until now to the end of it', async () => {
    await using cutover = await startInProcess({ engine })
    const lost = await createIntegrator(cutover)
    const response = await cutover.call(recovery({ key: lost.key, payload: { oldSecretValidForSeconds: 60 } }))
    const endMs = cutover.clock.nowMs + 60_000
    expect(response.json()).toEqual({
      secret: expect.stringMatching(/^ints_/),
      oldSecretExpiresAt: new Date(endMs).toISOString(),
    })
    cutover.clock.nowMs = endMs - 1
    expect(await standing(cutover, lost)).toBe('accepted')
    cutover.clock.nowMs = endMs
    expect(await standing(cutover, lost)).toBe('signature_invalid')
    expect(await standing(cutover, { ...response.json(), key: lost.key })).toBe('accepted')
  })

  it('of an integrator that does not exist is 404 and says which it was', async () => {
    await using cutover = await startInProcess({ engine })
    const other = await cutover.createWorkspace('Other')
    const foreign = await createIntegrator(cutover, { headers: { 'cutover-workspace': other } })
    const deleted = await createIntegrator(cutover, { headers: { 'cutover-workspace': other } })
    const headers = { 'cutover-workspace': other }
    await cutover.call({ method: 'DELETE', url: `/v1/integrators/${deleted.id}`, headers })
    const token = await writerOf(cutover)
    for (const key of [absentKey, foreign.key, 'nonsense', foreign.id, `${foreign.key}0`]) {
      const response = await cutover.call(recovery({ key, token }))
      expect(problemOf(response)).toEqual([404, 'not_found'])
      expect(response.json()).toMatchObject({ resourceType: 'integrator', resourceId: key })
      expect(response.json().detail).toBe('There is no such integrator')
    }
    expect(problemOf(await cutover.call(recovery({ key: deleted.key, headers })))).toEqual([404, 'not_found'])
    expect(await standing(cutover, foreign)).toBe('accepted')
  })

  it('has its body judged before it is told whether the integrator exists', async () => {
    await using cutover = await startInProcess({ engine })
    const { key } = await createIntegrator(cutover)
    for (const each of [key, absentKey, 'nonsense']) {
      const response = await cutover.call(recovery({ key: each, payload: { oldSecretValidForSeconds: -1 } }))
      expect([each, ...problemOf(response)]).toEqual([each, 422, 'validation_failed'])
    }
  })

  it('by a token that lacks the scope is 401, with the scope that it takes', async () => {
    await using cutover = await startInProcess({ engine })
    const integrator = await createIntegrator(cutover)
    const { workspaceId } = cutover
    const token = await cutover.createToken({ scopes: ['read_all', 'verify', 'write_access_tokens'], workspaceId })
    for (const key of [integrator.key, absentKey]) {
      const response = await cutover.call(recovery({ key, token }))
      expect(problemOf(response)).toEqual([401, 'unauthorized'])
      expect(response.json()).toMatchObject({ realm: 'cutover', scope: 'write_integrators' })
      expect(response.headers['www-authenticate']).toBe(
        'Bearer realm="cutover", error="insufficient_scope", scope="write_integrators"',
      )
    }
    const bad = await cutover.call(recovery({ key: integrator.key, token: 'nonsense' }))
    expect([...problemOf(bad), bad.json().realm, bad.json().scope]).toEqual([401, 'unauthorized', 'cutover', undefined])
    expect(bad.headers['www-authenticate']).toBe('Bearer realm="cutover", error="invalid_token"')
    expect(await standing(cutover, integrator)).toBe('accepted')
  })

  it('that names no integrator is malformed', async () => {
    await using cutover = await startInProcess({ engine })
    const response = await cutover.call(recovery({}))
    expect(problemOf(response)).toEqual([400, 'request_malformed'])
    expect(response.json().detail).toBe('Name the integrator in the header X-Integrator-Key, once')
  })

  it('by an instance token acts in the workspace that it names', async () => {
    await using cutover = await startInProcess({ engine })
    const other = await cutover.createWorkspace('Other')
    const { key, id } = await createIntegrator(cutover, { headers: { 'cutover-workspace': other } })
    expect(problemOf(await cutover.call(recovery({ key })))).toEqual([400, 'workspace_required'])
    const elsewhere = recovery({ key, headers: { 'cutover-workspace': cutover.workspaceId } })
    expect(problemOf(await cutover.call(elsewhere))).toEqual([404, 'not_found'])
    const response = await cutover.call(recovery({ key, headers: { 'cutover-workspace': other } }))
    expect(await currentSecrets(cutover, id)).toEqual([fingerprintOf(response.json().secret)])
  })

  it('by a token that is revoked while the body is arriving changes nothing', async () => {
    await using cutover = await startInProcess({ engine })
    const integrator = await createIntegrator(cutover)
    const token = await writerOf(cutover)
    expect((await cutover.call({ url: '/health', token })).statusCode).toBe(200)
    // The cache still takes the token for good: what refuses is the check inside the transaction.
    const { db } = cutover.cutover.opened
    await db.updateTable('access_tokens').set({ revoked_at: 1 }).where('name', '=', 'a test').execute()
    const calls = [
      recovery({ key: integrator.key, token }),
      { method: 'POST', url: '/v1/integrators', payload: { name: 'a' }, token },
      { method: 'DELETE', url: `/v1/integrators/${integrator.id}`, token },
    ] as const
    for (const call of calls) expect(problemOf(await cutover.call(call))).toEqual([401, 'unauthorized'])
    expect((await cutover.call({ url: '/v1/integrators' })).json().data).toHaveLength(1)
    expect(await standing(cutover, integrator)).toBe('accepted')
  })
})

describe.each(engines)('the Idempotency-Key of a recovery on %s', (engine) => {
  const headers = { 'idempotency-key': 'k' }

  it('gets a repeat the answer of the first time, byte for byte, until its secret is gone', async () => {
    await using cutover = await startInProcess({ engine })
    const { key, id } = await createIntegrator(cutover)
    const call = recovery({ key, headers, payload: { oldSecretValidForSeconds: 60 } })
    const first = await cutover.call(call)
    const repeat = await cutover.call(call)
    expect([repeat.statusCode, repeat.body]).toEqual([200, first.body])
    expect(repeat.headers['cutover-revocation-epoch']).toBe(first.headers['cutover-revocation-epoch'])
    expect(await currentSecrets(cutover, id)).toEqual([fingerprintOf(first.json().secret)])
    expect(problemOf(await cutover.call(recovery({ key, headers })))).toEqual([422, 'idempotency_key_reused'])

    await cutover.call(recovery({ key }))
    expect(problemOf(await cutover.call(call))).toEqual([409, 'idempotency_conflict'])
  })

  it('never gets the secret of one integrator for a request that names another', async () => {
    await using cutover = await startInProcess({ engine })
    const [one, other] = [await createIntegrator(cutover), await createIntegrator(cutover)]
    const first = await cutover.call(recovery({ key: one.key, headers }))
    expect(first.statusCode).toBe(200)
    const second = await cutover.call(recovery({ key: other.key, headers }))
    expect(problemOf(second)).toEqual([422, 'idempotency_key_reused'])
    expect(await standing(cutover, other)).toBe('accepted')
  })
})
