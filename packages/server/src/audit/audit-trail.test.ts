import { verifyAuditLog } from '@cutover/signing'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { engines, type InProcess, startInProcess } from '../../test/in-process.ts'

const create = { method: 'POST', url: '/secure_mode_secrets', payload: { name: 'Spring', supports_web: true } } as const

interface Printed {
  readonly chain: string
  readonly sequence: number
  readonly action: string
}

async function startPrinting(engine: 'sqlite' | 'postgres') {
  const printed: Printed[] = []
  const cutover = await startInProcess({
    engine,
    environment: { CUTOVER_AUDIT_STDOUT: 'true' },
    printEntry: (entry) => void printed.push(entry as Printed),
  })
  return { cutover, printed }
}

function checkpoints({ log }: InProcess) {
  return log
    .map((line) => JSON.parse(line))
    .flatMap(({ msg, checkpoint }) => (msg === 'audit checkpoint' ? [checkpoint] : []))
}

describe.each(engines)('with CUTOVER_AUDIT_STDOUT on %s', (engine) => {
  it('each entry is printed once it is committed, whole, and in the order of its chain', async () => {
    const { cutover: started, printed } = await startPrinting(engine)
    await using cutover = started
    await Promise.all(Array.from({ length: 20 }, () => cutover.call(create)))
    expect(printed.slice(0, 2).map(({ chain, sequence, action }) => [chain, sequence, action])).toEqual([
      ['instance', 1, 'workspace.created'],
      ['instance', 2, 'access_token.created'],
    ])
    const entries = printed.slice(2).map(({ chain: _, ...entry }) => entry)
    const exported = await cutover.call({ url: '/v1/audit-log/export' })
    const lines = exported.body.trimEnd().split('\n')
    expect(entries).toEqual(lines.map((line) => JSON.parse(line)))
    expect(entries).toHaveLength(20)
  })

  it('nothing is printed of what was not committed', async () => {
    const { cutover: started, printed } = await startPrinting(engine)
    await using cutover = started
    printed.splice(0)
    const failing = cutover.cutover.store.transaction(async (tx) => {
      const actor = { type: 'system', id: 'a test', name: null } as const
      const draft = { chain: 'instance', action: 'workspace.created', actor, result: 'success', metadata: {} } as const
      const resource = { type: 'workspace', id: null } as const
      await tx.audit.append({ ...draft, resource, requestId: null, ip: null }, 0)
      throw new Error('changed my mind')
    })
    await expect(failing).rejects.toThrow('changed my mind')
    expect(printed).toEqual([])
  })
})

describe.each(engines)('the log on %s', (engine) => {
  it('holds a checkpoint of each chain that grew, once for each time that it did, and a last one at the end', async () => {
    const cutover = await startInProcess({ engine })
    await cutover.cutover.checkpointLog.flush()
    expect(checkpoints(cutover)).toMatchObject([{ chain: 'instance', size: 2 }])
    cutover.log.splice(0)
    await cutover.cutover.checkpointLog.flush()
    expect(checkpoints(cutover)).toEqual([])

    await cutover.call(create)
    await cutover.call(create)
    await cutover.cutover.checkpointLog.flush()
    const [checkpoint] = checkpoints(cutover)
    expect(checkpoint).toMatchObject({ chain: cutover.workspaceId, size: 2 })
    const publicKey = (await cutover.call({ url: '/v1/audit-log/key' })).json()
    await cutover.call(create)
    const { body } = await cutover.call({ url: '/v1/audit-log/export' })
    await cutover[Symbol.asyncDispose]()
    const all = checkpoints(cutover)
    expect(all.map(({ size }) => size)).toEqual([2, 3])
    const verified = await verifyAuditLog(body.split('\n'), { checkpoints: all, publicKey })
    expect(verified).toMatchObject({ verified: true, size: 3, checkpointedSize: 3 })
  })

  it('gets the checkpoint that the store did not answer for at the next turn', async () => {
    await using cutover = await startInProcess({ engine })
    const { db } = cutover.cutover.opened
    cutover.log.splice(0)
    await sql`alter table audit_heads rename to elsewhere`.execute(db)
    await expect(cutover.cutover.checkpointLog.flush()).rejects.toThrow()
    await sql`alter table elsewhere rename to audit_heads`.execute(db)
    await cutover.cutover.checkpointLog.flush()
    expect(checkpoints(cutover)).toMatchObject([{ chain: 'instance', size: 2 }])
  })
})

describe.each(engines)('with CUTOVER_AUDIT_READS on %s', (engine) => {
  const environment = { CUTOVER_AUDIT_READS: 'true' }
  const reads = async ({ cutover }: InProcess, chain: string) => {
    const entries = await cutover.store.read.audit.page(chain, 0, 100)
    return entries.filter(({ action }) => action === 'access.read')
  }

  it('each read that succeeded is recorded, in the chain of what was read', async () => {
    await using cutover = await startInProcess({ engine, environment })
    const token = await cutover.createToken({ scopes: ['verify'], workspaceId: cutover.workspaceId })
    const answered = await cutover.call({ url: '/secure_mode_secrets' })
    await cutover.call({ url: '/v1/audit-log/export' })
    await cutover.call({ url: '/v1/audit-log?chain=instance' })
    // None of these is a read that succeeded.
    await cutover.call({ url: '/secure_mode_secrets', token })
    await cutover.call({ url: '/livez', token: null })
    await cutover.call({ method: 'POST', url: '/v1/verifications', payload: { platform: 'web' } })
    await cutover.call(create)
    const ofWorkspace = await reads(cutover, cutover.workspaceId)
    expect(ofWorkspace).toMatchObject([
      {
        actor: { type: 'access_token', name: 'First token' },
        resource: { type: 'request', id: null },
        result: 'success',
        metadata: { method: 'GET', route: '/secure_mode_secrets' },
        requestId: answered.headers['x-request-id'],
        ip: '127.0.0.1',
      },
      { metadata: { method: 'GET', route: '/v1/audit-log/export' } },
    ])
    expect(await reads(cutover, 'instance')).toMatchObject([{ metadata: { route: '/v1/audit-log' } }])
  })

  it('a read that cannot be recorded is 503 in its dialect and shows nothing, and verification goes on', async () => {
    await using cutover = await startInProcess({ engine, environment })
    await cutover.call(create)
    await sql`alter table audit_heads rename to elsewhere`.execute(cutover.cutover.opened.db)
    const listed = await cutover.call({ url: '/secure_mode_secrets' })
    expect([listed.statusCode, listed.headers['retry-after']]).toEqual([503, '1'])
    expect(listed.json().errors).toEqual([{ code: 'service_unavailable', message: 'Service unavailable' }])
    const health = await cutover.call({ url: '/health' })
    expect([health.statusCode, health.json().code]).toEqual([503, 'service_unavailable'])
    const verified = await cutover.call({ method: 'POST', url: '/v1/verifications', payload: { platform: 'web' } })
    expect(verified.json()).toMatchObject({ reason: 'unsigned' })
  })

  it('off, no read is recorded', async () => {
    await using cutover = await startInProcess({ engine })
    await cutover.call({ url: '/secure_mode_secrets' })
    expect(await reads(cutover, cutover.workspaceId)).toEqual([])
  })
})
