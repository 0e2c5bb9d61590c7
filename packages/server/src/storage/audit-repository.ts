import type { AuditAction } from '@cutover/contract'
import { type CanonicalObject, canonicalJson, genesisHash } from '@cutover/signing'
import { type Kysely, SqliteAdapter, sql } from 'kysely'
import {
  type AuditActor,
  type AuditEntry,
  type AuditHead,
  type AuditResource,
  chainEntry,
} from '../audit/audit-entry.ts'
import type { AuditFilter, AuditReader, AuditWriter } from '../audit/ports.ts'
import { DomainError } from '../domain-error.ts'
import type { EntryBatch } from './appended-entries.ts'
import type { Database } from './schema.ts'
import { unavailable } from './store-failure.ts'

/** @param batch - of the transaction that `db` is */
export function auditRepository(db: Kysely<Database>, batch?: EntryBatch): AuditReader & AuditWriter {
  return {
    /** Whatever keeps the entry from being written, what it tells of must not happen: the store is not usable then. */
    async append(draft, nowMs) {
      try {
        const entry = chainEntry(draft, await lockHead(db, draft.chain), nowMs)
        await insert(db, draft.chain, entry, nowMs)
        batch?.add({ chain: draft.chain, entry })
        return { chain: draft.chain, sequence: entry.sequence, hash: entry.hash }
      } catch (error) {
        throw error instanceof DomainError ? error : unavailable(error)
      }
    },

    async head(chain) {
      const row = await db
        .selectFrom('audit_heads')
        .select(['size', 'hash'])
        .where('chain', '=', chain)
        .executeTakeFirst()
      return row ?? { size: 0, hash: genesisHash }
    },

    async page(chain, sequence, limit) {
      const rows = await db
        .selectFrom('audit_log')
        .selectAll()
        .where('chain', '=', chain)
        .where('sequence', '>', sequence)
        .orderBy('sequence')
        .limit(limit)
        .execute()
      return rows.map(toEntry)
    },

    async find(chain, filter, after, limit) {
      const place = after === null ? null : await placeOf(db, chain, after)
      if (after !== null && place === null) return []
      const { rows } = await searchStatement(db, { chain, filter, after: place, limit }).execute(db)
      return rows.map(toEntry)
    },
  }
}

/** Of an entry in the order in which entries are shown; the sequence 0 is before all entries of its time. */
interface Place {
  readonly timestamp: number
  readonly sequence: number
}

interface Search {
  readonly chain: string
  readonly filter: AuditFilter
  readonly after: Place | null
  readonly limit: number
}

/**
 * Newest first. Relies on the indexes `audit_log_by_…`: each begins with the chain and one filter and goes on in this
 * very order, so that neither a sort nor a walk through the chain is needed.
 */
function searchStatement(db: Kysely<Database>, { chain, filter, after, limit }: Search) {
  const { actorId, resourceId, action, result, fromMs, toMs } = filter
  const equal = { actor_id: actorId, resource_id: resourceId, action, result }
  const conditions = Object.entries({ chain, ...equal })
    .filter(([, value]) => value !== null)
    .map(([column, value]) => sql`${sql.ref(column)} = ${value}`)
  const place = sql`(${sql.ref('timestamp')}, ${sql.ref('sequence')})`
  if (fromMs !== null) conditions.push(sql`${place} >= (${fromMs}, 0)`)
  // An entry that was shown is before `toMs` already.
  const before = after ?? (toMs === null ? null : { timestamp: toMs, sequence: 0 })
  if (before !== null) conditions.push(sql`${place} < (${before.timestamp}, ${before.sequence})`)
  return sql<AuditRow>`
    select * from audit_log ${indexHint(db, filter)}
    where ${sql.join(conditions, sql` and `)}
    order by ${sql.ref('timestamp')} desc, ${sql.ref('sequence')} desc
    limit ${limit}`
}

/**
 * Without statistics SQLite takes the index by time as soon as both ends of a time are given, whatever else is. The
 * first that is given here is taken: what has few entries comes first. Failures are few because they are aggregated.
 */
function indexHint(db: Kysely<Database>, { actorId, resourceId, action, result }: AuditFilter) {
  if (!(db.getExecutor().adapter instanceof SqliteAdapter)) return sql``
  const given = [
    ['resource', resourceId !== null],
    ['result', result === 'failure'],
    ['actor', actorId !== null],
    ['action', action !== null],
    ['result', result !== null],
  ] as const
  const [by] = given.find(([, isGiven]) => isGiven) ?? ['time']
  return sql`indexed by ${sql.ref(`audit_log_by_${by}`)}`
}

async function placeOf(db: Kysely<Database>, chain: string, sequence: number): Promise<Place | null> {
  const row = await db
    .selectFrom('audit_log')
    .select(['timestamp', 'sequence'])
    .where('chain', '=', chain)
    .where('sequence', '=', sequence)
    .executeTakeFirst()
  return row ?? null
}

/** The update that changes nothing is the lock, on both engines; a chain begins with its first entry. */
async function lockHead(db: Kysely<Database>, chain: string): Promise<AuditHead> {
  return db
    .insertInto('audit_heads')
    .values({ chain, size: 0, hash: genesisHash })
    .onConflict((conflict) => conflict.column('chain').doUpdateSet({ size: sql`audit_heads.size` }))
    .returning(['size', 'hash'])
    .executeTakeFirstOrThrow()
}

async function insert(db: Kysely<Database>, chain: string, entry: AuditEntry, timestampMs: number): Promise<void> {
  await db
    .insertInto('audit_log')
    .values(toRow(chain, entry, timestampMs))
    .execute()
  await db
    .updateTable('audit_heads')
    .set({ size: entry.sequence, hash: entry.hash })
    .where('chain', '=', chain)
    .execute()
}

type AuditRow = Database['audit_log']

function toRow(chain: string, entry: AuditEntry, timestampMs: number): AuditRow {
  return {
    chain,
    sequence: entry.sequence,
    timestamp: timestampMs,
    action: entry.action,
    actor_type: entry.actor.type,
    actor_id: entry.actor.id,
    actor_name: entry.actor.name,
    resource_type: entry.resource.type,
    resource_id: entry.resource.id,
    result: entry.result,
    metadata: canonicalJson(entry.metadata),
    request_id: entry.requestId,
    ip: entry.ip,
    previous_hash: entry.previousHash,
    hash: entry.hash,
  }
}

/** Sound, each `as`: only such values are written, by `toRow` above; an altered row fails its hash. */
function toEntry(row: AuditRow): AuditEntry {
  return {
    sequence: row.sequence,
    timestamp: timestampOf(row.timestamp),
    action: row.action as AuditAction,
    actor: { type: row.actor_type as AuditActor['type'], id: row.actor_id, name: row.actor_name },
    resource: { type: row.resource_type as AuditResource['type'], id: row.resource_id },
    result: row.result as AuditEntry['result'],
    metadata: parseMetadata(row.metadata),
    requestId: row.request_id,
    ip: row.ip,
    previousHash: row.previous_hash,
    hash: row.hash,
  }
}

/** A row that was altered is still shown, so that whoever verifies an export can name it. */
function parseMetadata(text: string): CanonicalObject {
  try {
    return JSON.parse(text)
  } catch {
    return { unreadable: text }
  }
}

/** Like `parseMetadata`, for a time that no calendar has. */
function timestampOf(milliseconds: number): string {
  const time = new Date(milliseconds)
  return Number.isNaN(time.getTime()) ? String(milliseconds) : time.toISOString()
}
