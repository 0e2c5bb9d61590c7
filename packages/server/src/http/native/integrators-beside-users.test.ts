import { signUserHash } from '@cutover/signing'
import { describe, expect, it } from 'vitest'
import { engines, type InProcess, startInProcess } from '../../../test/in-process.ts'
import { createIntegrator, problemOf, regenerate, regeneration, standing } from '../../../test/integrators.ts'

const createSecret = {
  method: 'POST',
  url: '/secure_mode_secrets',
  payload: { name: 'a', supports_web: true },
} as const

async function idsOfSecrets({ cutover }: InProcess): Promise<readonly number[]> {
  const rows = await cutover.opened.db.selectFrom('signing_secrets').select('id').orderBy('id').execute()
  return rows.map(({ id }) => id)
}

describe.each(engines)('secrets of integrators beside those of users, on %s', (engine) => {
  it('are neither listed nor deleted as identity secrets', async () => {
    await using cutover = await startInProcess({ engine })
    const integrator = await createIntegrator(cutover)
    const [id] = await idsOfSecrets(cutover)
    expect((await cutover.call({ url: '/secure_mode_secrets' })).json().data).toEqual([])
    const deleted = await cutover.call({ method: 'DELETE', url: `/secure_mode_secrets/${id}` })
    expect([deleted.statusCode, deleted.json().errors[0].code]).toEqual([404, 'identity_verification_secret_not_found'])
    expect(await standing(cutover, integrator)).toBe('accepted')
  })

  it('verify no user, not even on every platform at once', async () => {
    await using cutover = await startInProcess({ engine })
    const { secret } = await createIntegrator(cutover)
    // The row itself claims to be good for users.
    await cutover.cutover.opened.db.updateTable('signing_secrets').set({ web: 1, ios: 1, android: 1 }).execute()
    cutover.cutover.node.dropAll()
    const payload = { platform: 'web', userId: 'u', userHash: signUserHash(secret, 'u') }
    const verified = await cutover.call({ method: 'POST', url: '/v1/verifications', payload })
    expect(verified.json()).toMatchObject({ verified: false, reason: 'no_active_secret' })
  })

  it('sign no request when they belong to users', async () => {
    await using cutover = await startInProcess({ engine })
    const { key } = await createIntegrator(cutover)
    const { secret } = (await cutover.call(createSecret)).json()
    expect(await standing(cutover, { key, secret })).toBe('signature_invalid')
  })

  it('do not count toward CUTOVER_MAX_ACTIVE_SECRETS of the workspace, nor its secrets toward theirs', async () => {
    await using cutover = await startInProcess({ engine, environment: { CUTOVER_MAX_ACTIVE_SECRETS: '2' } })
    const integrators = [await createIntegrator(cutover), await createIntegrator(cutover)]
    for (const integrator of integrators) await regenerate(cutover, integrator, 60)
    expect((await cutover.call(createSecret)).statusCode).toBe(201)
    expect((await cutover.call(createSecret)).statusCode).toBe(201)
    expect((await cutover.call(createSecret)).statusCode).toBe(422)
    await createIntegrator(cutover)
  })

  it('are at most CUTOVER_MAX_ACTIVE_SECRETS at a time for one integrator, and one that ended makes room', async () => {
    await using cutover = await startInProcess({ engine, environment: { CUTOVER_MAX_ACTIVE_SECRETS: '2' } })
    const first = await createIntegrator(cutover)
    const second = await regenerate(cutover, first, 60)
    const full = await cutover.call(regeneration(cutover, second, 60))
    expect(problemOf(full)).toEqual([422, 'limit_reached'])
    expect(full.json().detail).toBe('At most 2 live secrets are allowed')
    expect([await standing(cutover, first), await standing(cutover, second)]).toEqual(['accepted', 'accepted'])
    cutover.clock.nowMs += 59_999
    expect(problemOf(await cutover.call(regeneration(cutover, second, 60)))).toEqual([422, 'limit_reached'])
    cutover.clock.nowMs += 1
    const third = await regenerate(cutover, second, 60)
    expect([await standing(cutover, second), await standing(cutover, third)]).toEqual(['accepted', 'accepted'])
    // Without grace none but the new one is left: there is always room for that.
    const fourth = await regenerate(cutover, third)
    expect([await standing(cutover, third), await standing(cutover, fourth)]).toEqual(['signature_invalid', 'accepted'])
  })

  it('are never left in a workspace that is deleted while their integrator is made', async () => {
    await using cutover = await startInProcess({ engine })
    for (const isCreateFirst of [true, false]) {
      const id = await cutover.createWorkspace('Other')
      const headers = { 'cutover-workspace': id }
      const create = () => cutover.call({ method: 'POST', url: '/v1/integrators', payload: { name: 'a' }, headers })
      const remove = () => cutover.call({ method: 'DELETE', url: `/v1/workspaces/${id}` })
      const both = isCreateFirst ? [create(), remove()] : [remove(), create()]
      const statuses = (await Promise.all(both)).map(({ statusCode }) => statusCode)
      const [created, deleted] = isCreateFirst ? statuses : statuses.toReversed()
      expect([
        [201, 409],
        [404, 204],
      ]).toContainEqual([created, deleted])
    }
  })

  it('keep their workspace from being deleted until their integrator is', async () => {
    await using cutover = await startInProcess({ engine })
    const id = await cutover.createWorkspace('Other')
    const integrator = await createIntegrator(cutover, { headers: { 'cutover-workspace': id } })
    const deletion = { method: 'DELETE', url: `/v1/workspaces/${id}` } as const
    expect(problemOf(await cutover.call(deletion))).toEqual([409, 'invalid_state'])
    expect(await standing(cutover, integrator)).toBe('accepted')
    const headers = { 'cutover-workspace': id }
    await cutover.call({ method: 'DELETE', url: `/v1/integrators/${integrator.id}`, headers })
    expect((await cutover.call(deletion)).statusCode).toBe(204)
    const { db } = cutover.cutover.opened
    const left = await db.selectFrom('signing_secrets').select('sealed').where('workspace_id', '=', id).execute()
    expect(left).toEqual([{ sealed: null }])
  })
})
