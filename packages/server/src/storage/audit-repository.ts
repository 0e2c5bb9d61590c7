import type { AuditAction } from '@cutover/contract'
import { type Kysely, sql } from 'kysely'
import {
  type AuditActor,
  type AuditEntry,
  type AuditHead,
  type AuditResource,
  chainEntry,
  genesisHash,
} from '../audit/audit-entry.ts'
import { canonicalJson } from '../audit/canonical-json.ts'
import type { AuditWriter } from '../audit/ports.ts'
import type { Database } from './schema.ts'

export interface AuditRepository extends AuditWriter {
  /** At most `limit` entries of a chain after `sequence`, in order. */
  page(chain: string, sequence: number, limit: number): Promise<readonly AuditEntry[]>
}

export function auditRepository(db: Kysely<Database>): AuditRepository {
  return {
    async append(draft, nowMs) {
      const head = await lockHead(db, draft.chain)
      const entry = chainEntry(draft, head, nowMs)
      await db
        .insertInto('audit_log')
        .values(toRow(draft.chain, entry, nowMs))
        .execute()
      await db
        .updateTable('audit_heads')
        .set({ size: entry.sequence, hash: entry.hash })
        .where('chain', '=', draft.chain)
        .execute()
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
  }
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

function toRow(chain: string, entry: AuditEntry, timestampMs: number): Database['audit_log'] {
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

type AuditRow = Database['audit_log']

/** Sound, each `as`: only such values are written, by `toRow` above; an altered row fails its hash. */
function toEntry(row: AuditRow): AuditEntry {
  return {
    sequence: row.sequence,
    timestamp: new Date(row.timestamp).toISOString(),
    action: row.action as AuditAction,
    actor: { type: row.actor_type as AuditActor['type'], id: row.actor_id, name: row.actor_name },
    resource: { type: row.resource_type as AuditResource['type'], id: row.resource_id },
    result: row.result as AuditEntry['result'],
    metadata: JSON.parse(row.metadata),
    requestId: row.request_id,
    ip: row.ip,
    previousHash: row.previous_hash,
    hash: row.hash,
  }
}
