import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { engines, type InProcess, startInProcess } from '../../test/in-process.ts'
import {
  askOwn,
  createIntegrator,
  currentSecrets,
  fingerprintOf,
  regenerate,
  regeneratePath,
  regeneration,
  standing,
} from '../../test/integrators.ts'

async function entries({ cutover }: InProcess, chain: string) {
  await cutover.refusals.flush()
  return cutover.store.read.audit.page(chain, 0, 100)
}

describe.each(engines)('the audit log on %s', (engine) => {
  it('tells who made, regenerated and deleted an integrator, by fingerprints and never by a secret', async () => {
    await using cutover = await startInProcess({ engine })
    const first = await createIntegrator(cutover)
    const second = await regenerate(cutover, first, 60)
    const headers = { 'x-integrator-key': first.key }
    const byOperator = await cutover.call({ method: 'POST', url: regeneratePath, headers, payload: {} })
    const third = byOperator.json().secret
    const deleted = await cutover.call({ method: 'DELETE', url: `/v1/integrators/${first.id}` })

    const operator = { type: 'access_token', id: expect.stringMatching(/^tok_/), name: 'First token' }
    const resource = { type: 'integrator', id: first.id }
    const chain = await entries(cutover, cutover.workspaceId)
    expect(chain).toMatchObject([
      {
        action: 'integrator.created',
        actor: operator,
        resource,
        metadata: { name: first.name, key: first.key, fingerprint: fingerprintOf(first.secret) },
      },
      {
        action: 'integrator.secret_regenerated',
        actor: { type: 'integrator', id: first.id, name: first.name },
        resource,
        metadata: {
          fingerprint: fingerprintOf(second.secret),
          oldFingerprint: fingerprintOf(first.secret),
          oldSecretExpiresAt: second.oldSecretExpiresAt,
        },
        ip: '127.0.0.1',
      },
      {
        action: 'integrator.secret_regenerated',
        actor: operator,
        resource,
        metadata: {
          fingerprint: fingerprintOf(third),
          oldFingerprint: fingerprintOf(second.secret),
          oldSecretExpiresAt: null,
        },
        requestId: byOperator.headers['x-request-id'],
      },
      {
        action: 'integrator.deleted',
        actor: operator,
        resource,
        metadata: { name: first.name, epoch: Number(deleted.headers['cutover-revocation-epoch']) },
      },
    ])
    expect(chain.every(({ result }) => result === 'success')).toBe(true)
    expect(JSON.stringify(chain)).not.toMatch(/ints_|sha256=/)
  })

  it('has what an integrator was refused under its name, and what nobody signed under the address', async () => {
    await using cutover = await startInProcess({ engine })
    const old = await createIntegrator(cutover)
    await regenerate(cutover, old, 60)
    const late = regeneration(cutover, old)
    await cutover.call(late)
    await cutover.call(late)
    await askOwn(cutover, { ...old, secret: 'ints_another' })
    await cutover.call(regeneration(cutover, { ...old, secret: 'ints_another' }))
    const refusalsOf = async (chain: string) =>
      (await entries(cutover, chain))
        .filter(({ result }) => result === 'failure')
        .map(({ action, actor, metadata }) => [action, actor.type, actor.id, metadata['code']])
    expect(await refusalsOf(cutover.workspaceId)).toEqual([
      ['integrator.secret_regenerated', 'integrator', old.id, 'secret_retiring'],
      ['integrator.secret_regenerated', 'integrator', old.id, 'signature_replayed'],
    ])
    expect(await refusalsOf('instance')).toEqual([
      ['access.refused', 'address', '127.0.0.1', 'signature_invalid'],
      ['integrator.secret_regenerated', 'address', '127.0.0.1', 'signature_invalid'],
    ])
  })

  it('has what an integrator read of itself, where reads are recorded', async () => {
    await using cutover = await startInProcess({ engine, environment: { CUTOVER_AUDIT_READS: 'true' } })
    const integrator = await createIntegrator(cutover)
    await askOwn(cutover, integrator)
    await askOwn(cutover, { ...integrator, secret: 'ints_another' })
    const reads = (await entries(cutover, cutover.workspaceId)).filter(({ action }) => action === 'access.read')
    expect(reads).toMatchObject([
      {
        actor: { type: 'integrator', id: integrator.id, name: integrator.name },
        metadata: { route: '/v1/integrator' },
      },
    ])
  })

  it('is written together with a regeneration, or there is neither', async () => {
    await using cutover = await startInProcess({ engine })
    const integrator = await createIntegrator(cutover)
    const { db } = cutover.cutover.opened
    for (const graceSeconds of [0, 60]) {
      const call = regeneration(cutover, integrator, graceSeconds)
      await sql`alter table audit_heads rename to elsewhere`.execute(db)
      const failed = await cutover.call(call)
      await sql`alter table elsewhere rename to audit_heads`.execute(db)
      expect([failed.statusCode, failed.body.includes('ints_')]).toEqual([503, false])
      cutover.cutover.node.dropAll()
      expect(await standing(cutover, integrator)).toBe('accepted')
      expect(await currentSecrets(cutover, integrator.id)).toEqual([fingerprintOf(integrator.secret)])
      // Used up all the same.
      expect((await cutover.call(call)).json().code).toBe('signature_replayed')
    }
    const young = await regenerate(cutover, integrator)
    expect(await standing(cutover, young)).toBe('accepted')
  })

  it('is found by the integrator that acted', async () => {
    await using cutover = await startInProcess({ engine })
    const integrator = await createIntegrator(cutover)
    await regenerate(cutover, integrator)
    const byActor = await cutover.call({ url: `/v1/audit-log?actor=${integrator.id}` })
    expect(byActor.json().data.map(({ action }: { action: string }) => action)).toEqual([
      'integrator.secret_regenerated',
    ])
  })
})
