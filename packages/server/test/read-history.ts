import { verifyAuditLog } from '@cutover/signing'
import { type Kysely, sql } from 'kysely'
import type { AuditEntry } from '../src/audit/audit-entry.ts'
import { auditRepository } from '../src/storage/audit-repository.ts'
import type { Engine } from '../src/storage/engine.ts'
import type { Database } from '../src/storage/schema.ts'

const pageSize = 100

/**
 * What in a store does not fit together, in words: each secret has the audit entry of its create, and of its delete,
 * and each of these its change, or there is none of them; the order of changes has no gap; no chain is broken.
 */
export async function brokenPromises(db: Kysely<Database>, engine: Engine): Promise<readonly string[]> {
  // One snapshot, while a process may be writing.
  return db
    .transaction()
    .setIsolationLevel(engine === 'sqlite' ? 'serializable' : 'repeatable read')
    .execute(async (snapshot) => [
      ...(await damage(snapshot, engine)),
      ...(await brokenChains(snapshot)),
      ...(await halfChanges(snapshot)),
      ...(await brokenOrder(snapshot)),
    ])
}

/** Every entry of a chain, in order. */
export async function auditEntries(db: Kysely<Database>, chain: string): Promise<readonly AuditEntry[]> {
  const entries: AuditEntry[] = []
  for (;;) {
    const page = await auditRepository(db).page(chain, entries.length, pageSize)
    if (page.length === 0) return entries
    entries.push(...page)
  }
}

async function damage(db: Kysely<Database>, engine: Engine): Promise<string[]> {
  if (engine !== 'sqlite') return []
  const { rows } = await sql<{ integrity_check: string }>`pragma integrity_check`.execute(db)
  return rows.map(({ integrity_check }) => integrity_check).filter((finding) => finding !== 'ok')
}

async function brokenChains(db: Kysely<Database>): Promise<string[]> {
  const heads = await db.selectFrom('audit_heads').selectAll().execute()
  const { count } = await db
    .selectFrom('audit_log')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  const chained = heads.reduce((sum, { size }) => sum + size, 0)
  const faults = chained === count ? [] : [`${count} audit entries, ${chained} in chains`]
  for (const { chain, size, hash } of heads) {
    const entries = await auditEntries(db, chain)
    const verified = await verifyAuditLog(entries)
    if (!verified.verified) faults.push(`entry ${verified.sequence} of chain ${chain} is ${verified.reason}`)
    if (entries.length !== size || entries.at(-1)?.hash !== hash) faults.push(`chain ${chain} misses its head`)
  }
  return faults
}

/** Compares, as lists of words, what each of the tables tells of what happened. */
async function halfChanges(db: Kysely<Database>): Promise<string[]> {
  const secrets = await db.selectFrom('signing_secrets').selectAll().orderBy('id').execute()
  const audited = await db.selectFrom('audit_log').selectAll().where('result', '=', 'success').execute()
  const keysetChanges = await db.selectFrom('changes').select('epoch').where('part', '=', 'keyset').execute()
  const kept = await db.selectFrom('kept_answers').selectAll().execute()

  const deleted = secrets.filter(({ deleted_at }) => deleted_at !== null)
  const byStore = [
    ...secrets.map(({ id }) => `identity_secret.created ${id}`),
    ...deleted.map(({ id, revoked_epoch }) => `identity_secret.deleted ${id} {"epoch":${revoked_epoch}}`),
  ]
  const byAudit = audited.flatMap(({ action, resource_id, metadata }) => {
    if (action === 'identity_secret.created') return [`${action} ${resource_id}`]
    return action === 'identity_secret.deleted' ? [`${action} ${resource_id} ${metadata}`] : []
  })
  const faults = difference('audit log', byStore, byAudit)
  if (keysetChanges.length !== byStore.length) faults.push(`${keysetChanges.length} changes for ${byStore.length}`)
  for (const { id, sealed } of secrets) if (sealed === null) faults.push(`secret ${id} has no material`)

  const isDeleted = new Set(deleted.map(({ id }) => `identity_secret ${id}`))
  for (const { subject, sealed_answer } of kept) {
    if (isDeleted.has(subject) !== (sealed_answer === null)) faults.push(`the kept answer with ${subject} is wrong`)
  }
  return faults
}

async function brokenOrder(db: Kysely<Database>): Promise<string[]> {
  const { value } = await db.selectFrom('revocation_epoch').select('value').executeTakeFirstOrThrow()
  const rows = await db.selectFrom('changes').select('epoch').orderBy('epoch').execute()
  const epochs = rows.map(({ epoch }) => epoch)
  const gapless = epochs.length === value && epochs.every((epoch, index) => epoch === index + 1)
  return gapless ? [] : [`the order of changes up to ${value} has a gap: ${epochs.join()}`]
}

function difference(place: string, expected: readonly string[], found: readonly string[]): string[] {
  return [
    ...expected.filter((each) => !found.includes(each)).map((each) => `${each} is missing in the ${place}`),
    ...found.filter((each) => !expected.includes(each)).map((each) => `${each} is only in the ${place}`),
  ]
}
