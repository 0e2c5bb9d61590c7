import { type Kysely, sql } from 'kysely'
import type { ChangedPart, ChangeReader, EpochWriter } from '../cluster/ports.ts'
import type { Database } from './schema.ts'

export interface EpochRepository extends EpochWriter, ChangeReader {
  /** Freely: whoever misses them drops its caches. */
  forgetChangesBefore(epoch: number): Promise<void>
}

export function epochRepository(db: Kysely<Database>): EpochRepository {
  return {
    async advance() {
      const { value } = await db
        .updateTable('revocation_epoch')
        .set({ value: sql`value + 1` })
        .returning('value')
        .executeTakeFirstOrThrow()
      return value
    },

    async record({ epoch, workspaceId, part }) {
      await db.insertInto('changes').values({ epoch, workspace_id: workspaceId, part }).execute()
    },

    async since(epoch) {
      const rows = await db
        .selectFrom('revocation_epoch as e')
        .leftJoin('changes as c', (join) => join.on('c.epoch', '>', epoch))
        .select(['e.value as current', 'c.epoch', 'c.workspace_id', 'c.part'])
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
}

function toChange({ epoch, workspace_id, part }: ChangeRow) {
  if (epoch === null) return []
  return [{ epoch, workspaceId: workspace_id, part: part as ChangedPart }] // sound: only parts are recorded
}
