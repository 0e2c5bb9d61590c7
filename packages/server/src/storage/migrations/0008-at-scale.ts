import { type Kysely, sql } from 'kysely'

/** What is asked for by its owner, dead or alive, and what a turn of the housekeeping looks for: found without a scan. */
export function atScale() {
  return {
    async up(db: Kysely<unknown>): Promise<void> {
      const index = (name: string) => db.schema.createIndex(name)
      const ofSecrets = (name: string, columns: string[]) => index(name).on('signing_secrets').columns(columns)
      await ofSecrets('signing_secrets_of_workspace', ['workspace_id', 'id']).execute()
      await ofSecrets('signing_secrets_ever_of_integrator', ['integrator_id', 'id'])
        .where(sql.ref('integrator_id'), 'is not', null)
        .execute()
      // Of two indexes that serve a statement as well SQLite takes the newer one. A verification must not walk over what
      // was deleted: the indexes without it are made anew.
      await db.schema.dropIndex('signing_secrets_of_integrator').execute()
      await ofSecrets('signing_secrets_of_integrator', ['integrator_id', 'id'])
        .where(sql<boolean>`integrator_id is not null and deleted_at is null`)
        .execute()
      await db.schema.dropIndex('signing_secrets_of_users').execute()
      await ofSecrets('signing_secrets_of_users', ['workspace_id', 'id'])
        .where(sql<boolean>`integrator_id is null and deleted_at is null`)
        .execute()

      await index('kept_answers_workspace')
        .on('kept_answers')
        .column('workspace_id')
        .where(sql.ref('sealed_answer'), 'is not', null)
        .execute()
      await index('sessions_expiry').on('sessions').column('expires_at').execute()
      await index('sessions_idle').on('sessions').column('last_used_at').execute()
    },
  }
}
