import type { Kysely, Selectable } from 'kysely'
import type { WorkspaceReader, WorkspaceWriter } from '../workspaces/ports.ts'
import type { Workspace, WorkspaceId } from '../workspaces/workspace.ts'
import type { Database } from './schema.ts'

export function workspacesRepository(db: Kysely<Database>): WorkspaceReader & WorkspaceWriter {
  const undeleted = () => db.selectFrom('workspaces').where('deleted_at', 'is', null)
  return {
    async exists(id) {
      return (await undeleted().select('id').where('id', '=', id).executeTakeFirst()) !== undefined
    },

    async firstIds(limit) {
      const rows = await undeleted().select('id').orderBy('sequence').limit(limit).execute()
      return rows.map((row) => row.id as WorkspaceId) // sound: only ids made by randomId are inserted
    },

    async find(id) {
      const row = await undeleted().selectAll().where('id', '=', id).executeTakeFirst()
      return row ? toWorkspace(row) : null
    },

    async page(after, limit) {
      const rows = await undeleted()
        .selectAll()
        .$if(after !== null, (query) => query.where('sequence', '>', Number(after)))
        .orderBy('sequence')
        .limit(limit)
        .execute()
      return rows.map((row) => ({ ...toWorkspace(row), cursor: String(row.sequence) }))
    },

    async insert({ id, name, createdAtMs }) {
      await db.insertInto('workspaces').values({ id, name, created_at: createdAtMs }).execute()
    },

    async rename(id, name) {
      await db.updateTable('workspaces').set({ name }).where('id', '=', id).where('deleted_at', 'is', null).execute()
    },

    async markDeleted(id, atMs) {
      await db
        .updateTable('workspaces')
        .set({ deleted_at: atMs })
        .where('id', '=', id)
        .where('deleted_at', 'is', null)
        .execute()
    },
  }
}

function toWorkspace(row: Selectable<Database['workspaces']>): Workspace {
  // Sound: only ids made by randomId are inserted.
  return { id: row.id as WorkspaceId, name: row.name, createdAtMs: row.created_at }
}
