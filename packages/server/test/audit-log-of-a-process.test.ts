import type { AuditCheckpoint, AuditKey } from '@cutover/contract'
import { verifyAuditLog } from '@cutover/signing'
import { type Kysely, sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { openPostgres } from '../src/storage/postgres.ts'
import type { Database } from '../src/storage/schema.ts'
import { openSqlite } from '../src/storage/sqlite.ts'
import type { Caller } from './caller.ts'
import { createInstallation, engines, type Installation } from './installation.ts'

const sqliteSettings = { checkpoints: true, onDiskFailure: () => {} }

const laterColumns = {
  signing_secrets: [
    ...['integrator_id', 'disabled_at', 'enable_at', 'purged_at', 'successor_id'],
    ...['awaited_id', 'awaited_grace_ms', 'tracked_since'],
  ],
  workspaces: ['max_age_days'],
  master_key_checks: ['state'],
  changes: ['subject', 'audit_chain', 'audit_sequence', 'audit_hash'],
}

const laterTables = [
  'sessions',
  ...['audit_signing_key', 'consumed_signatures', 'integrators', 'nodes', 'secret_uses', 'usage_counts'],
  ...['usage_pauses', 'usage_sources', 'usage_reports', 'verification_outcomes'],
]
const laterIndexes = [
  'of_integrator',
  'of_users',
  'awaiting',
  'deleted',
  'unpurged',
  'of_workspace',
  'ever_of_integrator',
]

/** Takes away what came after the first release; no process runs on the store meanwhile. */
async function makeAsOld({ engine, dataDirectory, databaseUrl }: Installation): Promise<void> {
  const db: Kysely<Database> =
    engine === 'sqlite' ? openSqlite(dataDirectory, sqliteSettings).db : openPostgres(databaseUrl)
  for (const by of ['time', 'actor', 'action', 'resource', 'result']) {
    await sql`drop index ${sql.ref(`audit_log_by_${by}`)}`.execute(db)
  }
  for (const name of laterIndexes) await sql`drop index ${sql.ref(`signing_secrets_${name}`)}`.execute(db)
  await sql`drop index kept_answers_workspace`.execute(db)
  for (const [table, columns] of Object.entries(laterColumns)) {
    for (const column of columns) await sql`alter table ${sql.ref(table)} drop column ${sql.ref(column)}`.execute(db)
  }
  for (const table of laterTables) await sql`drop table ${sql.ref(table)}`.execute(db)
  await sql`create index signing_secrets_undeleted on signing_secrets (workspace_id, id)`.execute(db)
  await sql`alter table revocation_epoch add column owner text`.execute(db)
  await sql`delete from kysely_migration where name <> '0001-foundation'`.execute(db)
  await db.destroy()
}

async function keyOf(caller: Caller): Promise<AuditKey> {
  return JSON.parse((await caller.call('GET', '/v1/audit-log/key')).text)
}

describe.each(engines)('the key that signs checkpoints, on %s', (engine) => {
  it('is made once: every later start has the same one', async () => {
    const installation = await createInstallation(engine)
    const first = await installation.start()
    const key = await keyOf(first.caller)
    await first.kill('SIGKILL')
    const again = await installation.start()
    expect(await keyOf(again.caller)).toEqual(key)
  })

  it('is made by the next start in a store of the first release, whose log is then read like any other', async () => {
    const installation = await createInstallation(engine)
    const first = await installation.start()
    await first.caller.create('Spring')
    await first.kill('SIGTERM')
    await makeAsOld(installation)
    const again = await installation.start()
    const publicKey = await keyOf(again.caller)
    const checkpoint = JSON.parse((await again.caller.call('GET', '/v1/audit-log/checkpoint')).text)
    const { text } = await again.caller.call('GET', '/v1/audit-log/export')
    const verified = await verifyAuditLog(text.split('\n'), { checkpoints: [checkpoint], publicKey })
    expect(verified).toMatchObject({ verified: true, size: 1, checkpointedSize: 1 })
    const found = JSON.parse((await again.caller.call('GET', '/v1/audit-log?action=identity_secret.created')).text)
    expect(found.data).toHaveLength(1)
  })

  it('does not open where it was replaced by another: the start is refused', async () => {
    const installation = await createInstallation(engine)
    await (await installation.start()).kill('SIGTERM')
    const { dataDirectory, databaseUrl } = installation
    const db: Kysely<Database> =
      engine === 'sqlite' ? openSqlite(dataDirectory, sqliteSettings).db : openPostgres(databaseUrl)
    await db.updateTable('audit_signing_key').set({ kid: 'another' }).execute()
    await db.destroy()
    const refused = await installation.attempt()
    expect(refused.code).toBe(1)
    expect(refused.stderr).toBe(
      'The signing key of the audit log does not open: the store holds another one than it was sealed as.\n',
    )
  })
})

describe('a process', () => {
  it('prints each entry on stdout as one line where it is asked to, and its last checkpoints in its log', async () => {
    const installation = await createInstallation()
    const cutover = await installation.start({ CUTOVER_AUDIT_STDOUT: 'true' })
    await cutover.caller.create('Spring')
    await cutover.caller.call('GET', '/health', { token: null })
    const { text } = await cutover.caller.call('GET', '/v1/audit-log/export')
    const publicKey = await keyOf(cutover.caller)
    expect(await cutover.kill('SIGTERM')).toEqual({ code: 0, signal: null })
    const printed = cutover.stdout.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []))
    expect(printed.map(({ chain, sequence, action }) => `${chain.slice(0, 3)} ${sequence} ${action}`)).toEqual([
      'ins 1 workspace.created',
      'ins 2 access_token.created',
      'ws_ 1 identity_secret.created',
      'ins 3 access.refused',
    ])
    const logged = cutover.stderr.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]))
    const checkpoints: AuditCheckpoint[] = logged.flatMap(({ checkpoint }) => (checkpoint ? [checkpoint] : []))
    expect(checkpoints.map(({ size }) => size).sort()).toEqual([1, 3])
    const ofWorkspace = checkpoints.filter(({ chain }) => chain !== 'instance')
    const verified = await verifyAuditLog(text.split('\n'), { checkpoints: ofWorkspace, publicKey })
    expect(verified).toMatchObject({ verified: true, checkpointedSize: 1 })
  })

  it('refuses a value of CUTOVER_AUDIT_READS that is neither true nor false', async () => {
    const installation = await createInstallation()
    const refused = await installation.attempt({ CUTOVER_AUDIT_READS: 'yes' })
    expect(refused).toMatchObject({ code: 1 })
    expect(refused.stderr).toContain('CUTOVER_AUDIT_READS')
  })
})
