import { type Kysely, SqliteAdapter, sql } from 'kysely'
import type { AuditPlace, ChangedPart, ChangeReader, EpochWriter, RecordedChange } from '../cluster/ports.ts'
import { changesChannel } from './postgres-notifications.ts'
import type { Database } from './schema.ts'

export interface EpochRepository extends EpochWriter, ChangeReader {
  /** Takes the lock that orders all changes, for what has to be ordered with them and is none itself. */
  lock(): Promise<number>
  /** Past what an older store does not know of any more. */
  skipTo(epoch: number): Promise<void>
  /** Freely: whoever misses them drops its caches. */
  forgetChangesBefore(epoch: number): Promise<void>
}

export function epochRepository(db: Kysely<Database>): EpochRepository {
  const notifies = !(db.getExecutor().adapter instanceof SqliteAdapter)
  return {
    async advance() {
      const { value } = await db
        .updateTable('revocation_epoch')
        .set({ value: sql`value + 1` })
        .returning('value')
        .executeTakeFirstOrThrow()
      return value
    },

    lock: () => lockEpoch(db),

    async skipTo(epoch) {
      await db.updateTable('revocation_epoch').set({ value: epoch }).where('value', '<', epoch).execute()
    },

    async record({ epoch, workspaceId, part, subject = null }, audit) {
      await db
        .insertInto('changes')
        .values({
          epoch,
          workspace_id: workspaceId,
          part,
          subject,
          audit_chain: audit.chain,
          audit_sequence: audit.sequence,
          audit_hash: audit.hash,
        })
        .execute()
      // Delivered when this commits. It only shortens waits: a node that misses it looks with its next renewal.
      if (notifies) await sql`select pg_notify(${changesChannel}, '')`.execute(db)
    },

    async since(epoch) {
      const { batch } = await read(epoch, null)
      return batch
    },

    async follow(epoch, known) {
      const { batch, knownHash } = await read(epoch, known)
      return known !== null && knownHash !== known.hash ? 'diverged' : batch
    },

    async forgetChangesBefore(epoch) {
      await db.deleteFrom('changes').where('epoch', '<', epoch).execute()
    },
  }

  /** One statement: everything is of one snapshot. */
  async function read(epoch: number, known: AuditPlace | null) {
    const rows = await db
      .selectFrom('revocation_epoch as e')
      .leftJoin('changes as c', (join) => join.on('c.epoch', '>', epoch))
      .select(['e.value as current', 'c.epoch', 'c.workspace_id', 'c.part', 'c.subject'])
      .select(['c.audit_chain', 'c.audit_sequence', 'c.audit_hash'])
      .select((eb) =>
        eb
          .selectFrom('audit_log')
          .select('hash')
          .where('chain', '=', known?.chain ?? '')
          .where('sequence', '=', known?.sequence ?? 0)
          .as('knownHash'),
      )
      .orderBy('c.epoch')
      .execute()
    const [first] = rows
    if (!first) throw new Error('the epoch row is missing')
    return { batch: { current: first.current, changes: rows.flatMap(toChange) }, knownHash: first.knownHash }
  }
}

/** Inside a transaction. On SQLite every transaction is the only one that writes, from its beginning on. */
export async function lockEpoch(db: Kysely<Database>): Promise<number> {
  const isSqlite = db.getExecutor().adapter instanceof SqliteAdapter
  const { value } = await db
    .selectFrom('revocation_epoch')
    .select('value')
    .$if(!isSqlite, (query) => query.forUpdate())
    .executeTakeFirstOrThrow()
  return value
}

interface ChangeRow {
  epoch: number | null
  workspace_id: string | null
  part: string | null
  subject: string | null
  audit_chain: string | null
  audit_sequence: number | null
  audit_hash: string | null
}

function toChange(row: ChangeRow): RecordedChange[] {
  if (row.epoch === null) return []
  const { audit_chain: chain, audit_sequence: sequence, audit_hash: hash } = row
  const audit = chain === null || sequence === null || hash === null ? null : { chain, sequence, hash }
  const part = row.part as ChangedPart // sound: only parts are recorded
  return [{ epoch: row.epoch, workspaceId: row.workspace_id, part, subject: row.subject ?? undefined, audit }]
}
