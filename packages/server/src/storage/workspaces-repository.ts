import type { Kysely } from 'kysely'
import type { WorkspaceReader } from '../workspaces/ports.ts'
import type { Workspace, WorkspaceId } from '../workspaces/workspace.ts'
import type { Database } from './schema.ts'

export interface WorkspacesRepository extends WorkspaceReader {
  insert(workspace: Workspace): Promise<void>
}

export function workspacesRepository(db: Kysely<Database>): WorkspacesRepository {
  return {
    async exists(id) {
      const row = await db.selectFrom('workspaces').select('id').where('id', '=', id).executeTakeFirst()
      return row !== undefined
    },

    async firstIds(limit) {
      const rows = await db.selectFrom('workspaces').select('id').orderBy('id').limit(limit).execute()
      return rows.map((row) => row.id as WorkspaceId) // sound: only ids made by randomId are inserted
    },

    async insert({ id, name, createdAtMs }) {
      await db.insertInto('workspaces').values({ id, name, created_at: createdAtMs }).execute()
    },
  }
}
