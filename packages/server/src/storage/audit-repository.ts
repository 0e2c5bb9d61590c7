import type { AuditAction } from '@cutover/contract'
import { type CanonicalObject, canonicalJson, genesisHash } from '@cutover/signing'
import { type Kysely, sql } from 'kysely'
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
      const rows = await matching(db, chain, filter)
        .$if(place !== null, (query) =>
          query.where(
            sql<boolean>`(${sql.ref('timestamp')}, ${sql.ref('sequence')}) < (${place?.timestamp}, ${place?.sequence})`,
          ),
        )
        .limit(limit)
        .execute()
      return rows.map(toEntry)
    },
  }
}

/**
 * Newest first. Relies on the indexes `audit_log_by_…`: each begins with the chain and one filter and goes on in this
 * very order, so that neither a sort nor a walk through the chain is needed.
 */
function matching(db: Kysely<Database>, chain: string, filter: AuditFilter) {
  const { actorId, action, resourceId, result, fromMs, toMs } = filter
  return db
    .selectFrom('audit_log')
    .selectAll()
    .where('chain', '=', chain)
    .$if(actorId !== null, (query) => query.where('actor_id', '=', actorId ?? ''))
    .$if(action !== null, (query) => query.where('action', '=', action ?? ''))
    .$if(resourceId !== null, (query) => query.where('resource_id', '=', resourceId))
    .$if(result !== null, (query) => query.where('result', '=', result ?? ''))
    .$if(fromMs !== null, (query) => query.where('timestamp', '>=', fromMs ?? 0))
    .$if(toMs !== null, (query) => query.where('timestamp', '<', toMs ?? 0))
    .orderBy('timestamp', 'desc')
    .orderBy('sequence', 'desc')
}

async function placeOf(db: Kysely<Database>, chain: string, sequence: number) {
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
    timestamp: isoTime(row.timestamp),
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

function isoTime(milliseconds: number): string {
  const time = new Date(milliseconds)
  return Number.isNaN(time.getTime()) ? String(milliseconds) : time.toISOString()
}
