import { describe, expect, it } from 'vitest'
import { expectProblem, IdentitySecrets, isoTime } from '../../test/identity-secrets.ts'
import { engines, type InProcess, startInProcess } from '../../test/in-process.ts'
import { purgeDeletedSecrets } from './purge-deleted-secrets.ts'

const week = 7 * 86_400_000

async function prepare(cutover: InProcess) {
  const secrets = new IdentitySecrets(cutover)
  const { id, secret } = await secrets.create()
  return { secrets, id, secret, beginMs: cutover.clock.nowMs }
}

function purge({ cutover: { store }, clock }: InProcess): Promise<void> {
  const system = { nowMs: () => clock.nowMs, randomBytes: (length: number) => new Uint8Array(length) }
  return purgeDeletedSecrets({ store, secrets: store.read.identitySecrets, system })
}

function stored({ cutover }: InProcess) {
  return cutover.opened.db.selectFrom('signing_secrets').select(['id', 'sealed', 'purged_at']).orderBy('id').execute()
}

const gone = 'The secret was deleted 7 days ago or earlier: its material is destroyed'

describe.each(engines)('a deleted secret on %s', (engine) => {
  it('is refused from the answer on, and a second delete finds nothing to delete', async () => {
    await using cutover = await startInProcess({ engine })
    const { secrets, id, secret } = await prepare(cutover)
    expect(await secrets.verifies(secret)).toBe(true)
    const deleted = await secrets.delete(id)
    expect([deleted.statusCode, deleted.body]).toEqual([204, ''])
    expect(deleted.headers['cutover-revocation-epoch']).toMatch(/^[1-9][0-9]*$/)
    expect(await secrets.verifiesWarmAndCold(secret)).toEqual([false, false])
    expectProblem(await secrets.delete(id), 404, 'not_found', 'There is no such secret')
    expect((await secrets.entries(id)).map(({ action }) => action)).toEqual([
      'identity_secret.created',
      'identity_secret.deleted',
    ])
  })

  it('is restored as disabled until a millisecond before 7 days are over, with the same material', async () => {
    await using cutover = await startInProcess({ engine })
    const { secrets, id, secret, beginMs } = await prepare(cutover)
    await secrets.delete(id)
    cutover.clock.nowMs = beginMs + week - 1
    const restored = await secrets.act(id, 'restore')
    expect(restored.statusCode).toBe(200)
    expect(Number(restored.headers['cutover-revocation-epoch'])).toBeGreaterThan(0)
    expect(restored.json()).toMatchObject({
      state: 'disabled',
      disabledAt: isoTime(cutover.clock.nowMs),
      enableAt: null,
      deletedAt: null,
      deletedBy: null,
      purgeAt: null,
    })
    expect(await secrets.verifiesWarmAndCold(secret)).toEqual([false, false])
    await secrets.after(id, 'enable')
    expect(await secrets.verifies(secret)).toBe(true)
    expect((await secrets.entries(id)).map(({ action }) => action).slice(2)).toEqual([
      'identity_secret.restored',
      'identity_secret.enabled',
    ])
  })

  it('is not restored at 7 days, purged already or not', async () => {
    await using cutover = await startInProcess({ engine })
    const { secrets, id, beginMs } = await prepare(cutover)
    await secrets.delete(id)
    cutover.clock.nowMs = beginMs + week
    expectProblem(await secrets.act(id, 'restore'), 409, 'invalid_state', gone)
    await purge(cutover)
    expectProblem(await secrets.act(id, 'restore'), 409, 'invalid_state', gone)
    expect((await secrets.read(id)).state).toBe('deleted')
  })

  it('does not come back at the time when it was to be enabled by itself', async () => {
    await using cutover = await startInProcess({ engine })
    const { secrets, id, secret } = await prepare(cutover)
    await secrets.after(id, 'disable', { revertAfterSeconds: 60 })
    await secrets.delete(id)
    cutover.clock.nowMs += 60_000
    expect(await secrets.verifiesWarmAndCold(secret)).toEqual([false, false])
    expect(await secrets.after(id, 'restore')).toMatchObject({ state: 'disabled', enableAt: null })
    cutover.clock.nowMs += 60_000
    expect(await secrets.verifiesWarmAndCold(secret)).toEqual([false, false])
  })

  it('restored keeps the end it had, unless that has passed', async () => {
    await using cutover = await startInProcess({ engine })
    const { secrets, id, secret, beginMs } = await prepare(cutover)
    const endMs = beginMs + 3_600_000
    await secrets.after(id, 'retire', { afterSeconds: 3600 })
    await secrets.delete(id)
    cutover.clock.nowMs = endMs - 1
    expect(await secrets.after(id, 'restore')).toMatchObject({ state: 'disabled', expiresAt: isoTime(endMs) })
    await secrets.delete(id)
    cutover.clock.nowMs = endMs
    expect(await secrets.after(id, 'restore')).toMatchObject({ state: 'disabled', expiresAt: null })
    expect(await secrets.verifies(secret)).toBe(false)
  })

  it('has its material destroyed at 7 days and not before, and its tombstone stays', async () => {
    await using cutover = await startInProcess({ engine })
    const { secrets, id, beginMs } = await prepare(cutover)
    const kept = await secrets.create()
    await secrets.delete(id)
    cutover.clock.nowMs = beginMs + week - 1
    await purge(cutover)
    expect((await stored(cutover)).map(({ sealed }) => sealed === null)).toEqual([false, false])
    const before = await secrets.read(id)
    cutover.clock.nowMs = beginMs + week
    await Promise.all([purge(cutover), purge(cutover)])
    expect(await stored(cutover)).toEqual([
      { id: Number(id), sealed: null, purged_at: beginMs + week },
      { id: Number(kept.id), sealed: expect.any(String), purged_at: null },
    ])
    expect(await secrets.read(id)).toEqual({ ...before, ageDays: 7 })
    expect((await secrets.entries(id)).slice(2)).toMatchObject([
      { action: 'identity_secret.purged', actor: { type: 'system', id: 'purge' }, requestId: null, ip: null },
    ])
    expect(await secrets.verifies(kept.secret)).toBe(true)
  })

  it('restored and deleted again has 7 days again', async () => {
    await using cutover = await startInProcess({ engine })
    const { secrets, id, beginMs } = await prepare(cutover)
    await secrets.delete(id)
    cutover.clock.nowMs = beginMs + week - 1
    await secrets.after(id, 'restore')
    await secrets.delete(id)
    cutover.clock.nowMs = beginMs + week + 1
    await purge(cutover)
    expect((await secrets.read(id)).purgeAt).toBe(isoTime(beginMs + 2 * week - 1))
    expect((await secrets.after(id, 'restore')).state).toBe('disabled')
  })
})

it('the deleted secrets of integrators are purged as well, under the name of the integrator', async () => {
  await using cutover = await startInProcess()
  const made = await cutover.call({ method: 'POST', url: '/v1/integrators', payload: { name: 'Acme' } })
  const { id } = made.json()
  expect((await cutover.call({ method: 'DELETE', url: `/v1/integrators/${id}` })).statusCode).toBe(204)
  cutover.clock.nowMs += week
  await purge(cutover)
  expect((await stored(cutover)).map(({ sealed }) => sealed)).toEqual([null])
  const [newest] = (await cutover.call({ url: `/v1/audit-log?resource=${id}` })).json().data
  expect(newest).toMatchObject({ action: 'integrator.secret_purged', resource: { type: 'integrator', id } })
})
