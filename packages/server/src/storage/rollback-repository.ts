import type { Kysely } from 'kysely'
import type { Database } from './schema.ts'

/** For a store that is older than what was promised of it: which of its secrets were deleted since, it cannot know. */
export interface RollbackRepository {
  disableAllSecrets(atMs: number): Promise<void>
  revokeAllTokens(revocation: { readonly atMs: number; readonly epoch: number }): Promise<void>
}

export function rollbackRepository(db: Kysely<Database>): RollbackRepository {
  return {
    async disableAllSecrets(atMs) {
      await db
        .updateTable('signing_secrets')
        // Nor do those come back by themselves that somebody disabled for a time, before or after the moment of the copy.
        .set({ disabled_at: atMs, enable_at: null })
        .where('deleted_at', 'is', null)
        .where((eb) => eb.or([eb('disabled_at', 'is', null), eb('enable_at', 'is not', null)]))
        .execute()
      await db.updateTable('kept_answers').set({ sealed_answer: null }).execute()
    },

    async revokeAllTokens({ atMs, epoch }) {
      await db
        .updateTable('access_tokens')
        .set({ revoked_at: atMs, revoked_epoch: epoch })
        .where('revoked_at', 'is', null)
        .execute()
    },
  }
}
