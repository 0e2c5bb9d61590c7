import type { Kysely } from 'kysely'
import type { Database } from './schema.ts'

/** For a store that says of itself that it is a demo's. */
export interface DemoRepository {
  /** As if it had been made, and counted, since then. No verifier reads these times. */
  backdate(secretId: string, createdAtMs: number): Promise<void>
}

export function demoRepository(db: Kysely<Database>): DemoRepository {
  return {
    async backdate(secretId, createdAtMs) {
      await db
        .updateTable('signing_secrets')
        .set({ created_at: createdAtMs, tracked_since: createdAtMs })
        .where('id', '=', Number(secretId))
        .execute()
    },
  }
}
