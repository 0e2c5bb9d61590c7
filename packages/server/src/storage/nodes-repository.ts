import { type Kysely, SqliteAdapter, sql } from 'kysely'
import { leaseTiming } from '../cluster/lease-timing.ts'
import type { AuditPlace, ListedNode, NodeStore } from '../cluster/ports.ts'
import { lockEpoch } from './epoch-repository.ts'
import { neededKeyIds } from './master-keys-repository.ts'
import type { Database } from './schema.ts'

/** Rows of nodes that were fenced so long ago are of no interest to anybody. */
const fencedKeptMs = 3_600_000

export interface NodesRepository extends Omit<NodeStore, 'register'> {
  /** Inside a transaction: it begins with the lock of the epoch. */
  register(...registration: Parameters<NodeStore['register']>): ReturnType<NodeStore['register']>
  /** For whoever has proven that no other process can be running on the store. */
  fenceAll(): Promise<void>
}

export function nodesRepository(db: Kysely<Database>): NodesRepository {
  const isSqlite = db.getExecutor().adapter instanceof SqliteAdapter
  // On one machine its own clock is the clock of the store, to the millisecond.
  const storeTime = () =>
    isSqlite ? sql<number>`${Date.now()}` : sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`

  const hashAt = async ({ chain, sequence }: AuditPlace) => {
    const row = await db
      .selectFrom('audit_log')
      .select('hash')
      .where('chain', '=', chain)
      .where('sequence', '=', sequence)
      .executeTakeFirst()
    return row?.hash ?? null
  }
  const newestEntry = async (): Promise<AuditPlace> => {
    const chain = 'instance'
    const { sequence, hash } = await db
      .selectFrom('audit_heads')
      .select(['size as sequence', 'hash'])
      .where('chain', '=', chain)
      .executeTakeFirstOrThrow()
    return { chain, sequence, hash }
  }

  return {
    async register({ nodeId, version, keyIds, upMs, leaseMs }, known) {
      const epoch = await lockEpoch(db)
      if (known !== null && (await hashAt(known)) !== known.hash) return 'diverged'
      const missingKeyIds = (await neededKeyIds(db)).filter((kid) => !keyIds.includes(kid))
      if (missingKeyIds.length > 0) return { missingKeyIds }
      // A statement of its own: the lock may have been waited for.
      const { storeTimeMs } = await db.selectNoFrom(storeTime().as('storeTimeMs')).executeTakeFirstOrThrow()
      await db
        .deleteFrom('nodes')
        .where('fenced', '=', 1)
        .where('renewed_at', '<', storeTimeMs - fencedKeptMs)
        .execute()
      await db
        .insertInto('nodes')
        .values({
          node_id: nodeId,
          renewals: 0,
          applied_epoch: epoch,
          fenced: 0,
          version,
          key_ids: JSON.stringify(keyIds),
          started_at: storeTimeMs - Math.round(upMs),
          renewed_at: storeTimeMs,
          lease_ms: leaseMs,
        })
        .execute()
      return { epoch, storeTimeMs, newest: await newestEntry() }
    },

    async renew(nodeId, applied, known) {
      const row = await db
        .updateTable('nodes')
        .set((eb) => ({
          renewals: eb('renewals', '+', 1),
          applied_epoch: later(applied),
          renewed_at: storeTime(),
        }))
        .where('node_id', '=', nodeId)
        .where('fenced', '=', 0)
        .returning((eb) => [
          eb.selectFrom('revocation_epoch').select('value').as('epoch'),
          storeTime().as('storeTimeMs'),
          eb
            .selectFrom('audit_log')
            .select('hash')
            .where('chain', '=', known?.chain ?? '')
            .where('sequence', '=', known?.sequence ?? 0)
            .as('knownHash'),
        ])
        .executeTakeFirst()
      if (!row) return null
      if (known !== null && row.knownHash !== known.hash) return 'diverged'
      if (row.epoch === null) throw new Error('the epoch row is missing')
      return { epoch: row.epoch, storeTimeMs: row.storeTimeMs }
    },

    async acknowledge(nodeId, epoch) {
      await db
        .updateTable('nodes')
        .set({ applied_epoch: later(epoch) })
        .where('node_id', '=', nodeId)
        .execute()
    },

    async leave(nodeId) {
      await db.deleteFrom('nodes').where('node_id', '=', nodeId).execute()
    },

    async rows() {
      const rows = await db
        .selectFrom('nodes')
        .select(['node_id', 'renewals', 'applied_epoch', 'lease_ms'])
        .where('fenced', '=', 0)
        .execute()
      return rows.map((row) => ({
        nodeId: row.node_id,
        renewals: row.renewals,
        applied: row.applied_epoch,
        fenced: false,
        leaseMs: row.lease_ms,
      }))
    },

    async list() {
      const rows = await db
        .selectFrom('nodes')
        .selectAll()
        .select(storeTime().as('nowMs'))
        .orderBy('started_at')
        .orderBy('node_id')
        .execute()
      return rows.map(
        (row): ListedNode => ({
          nodeId: row.node_id,
          renewals: row.renewals,
          applied: row.applied_epoch,
          fenced: row.fenced === 1,
          version: row.version,
          keyIds: JSON.parse(row.key_ids),
          startedAtMs: row.started_at,
          leaseMs: row.lease_ms,
          leaseLeftMs: row.fenced === 1 ? 0 : Math.max(0, row.renewed_at + row.lease_ms - row.nowMs),
          outwaitedInMs: row.renewed_at + leaseTiming(row.lease_ms).waitMs - row.nowMs,
        }),
      )
    },

    // The guard: a node that renewed in the meantime knows the change, and stays.
    async fence({ nodeId, renewals }) {
      await db
        .updateTable('nodes')
        .set({ fenced: 1 })
        .where('node_id', '=', nodeId)
        .where('renewals', '=', renewals)
        .where('fenced', '=', 0)
        .execute()
    },

    async fenceAll() {
      await db.updateTable('nodes').set({ fenced: 1 }).where('fenced', '=', 0).execute()
    },
  }
}

/** An acknowledgement is never taken back: of two that overtake each other the later epoch stays. */
function later(epoch: number) {
  return sql<number>`case when applied_epoch < ${epoch} then cast(${epoch} as bigint) else applied_epoch end`
}
