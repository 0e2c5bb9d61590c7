import { type Kysely, sql } from 'kysely'
import type { ChangedPart, ChangeReader, EpochWriter } from '../cluster/ports.ts'
import { DomainError } from '../domain-error.ts'
import type { Database } from './schema.ts'

export interface EpochRepository extends EpochWriter, ChangeReader {
  /** From the moment this commits, nobody else advances the epoch. */
  claim(): Promise<void>
  /** Freely: whoever misses them drops its caches. */
  forgetChangesBefore(epoch: number): Promise<void>
}

/** `ownerId`: the claim under which this process may advance; `null` where it needs none. */
export function epochRepository(db: Kysely<Database>, ownerId: string | null): EpochRepository {
  return {
    // The guard refuses a process that lost the store to another one and does not know it yet.
    async advance() {
      const row = await db
        .updateTable('revocation_epoch')
        .set({ value: sql`value + 1` })
        .$if(ownerId !== null, (update) => update.where('owner', '=', ownerId))
        .returning('value')
        .executeTakeFirst()
      if (!row) throw new DomainError('lease_lost')
      return row.value
    },

    async claim() {
      await db.updateTable('revocation_epoch').set({ owner: ownerId }).execute()
    },

    async record({ epoch, workspaceId, part, subject = null }) {
      await db.insertInto('changes').values({ epoch, workspace_id: workspaceId, part, subject }).execute()
    },

    async since(epoch) {
      const rows = await db
        .selectFrom('revocation_epoch as e')
        .leftJoin('changes as c', (join) => join.on('c.epoch', '>', epoch))
        .select(['e.value as current', 'c.epoch', 'c.workspace_id', 'c.part', 'c.subject'])
        .orderBy('c.epoch')
        .execute()
      const [first] = rows
      if (!first) throw new Error('the epoch row is missing')
      return { current: first.current, changes: rows.flatMap(toChange) }
    },

    async forgetChangesBefore(epoch) {
      await db.deleteFrom('changes').where('epoch', '<', epoch).execute()
    },
  }
}

interface ChangeRow {
  epoch: number | null
  workspace_id: string | null
  part: string | null
  subject: string | null
}

function toChange({ epoch, workspace_id, part, subject }: ChangeRow) {
  if (epoch === null) return []
  // Sound: only parts are recorded.
  return [{ epoch, workspaceId: workspace_id, part: part as ChangedPart, subject: subject ?? undefined }]
}
