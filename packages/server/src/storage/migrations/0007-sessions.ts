import { type ColumnDefinitionBuilder, type Kysely, sql } from 'kysely'
import type { Engine } from '../engine.ts'

/** Browsers that were given a stand-in for an access token. */
export function sessions(engine: Engine) {
  const integer = engine === 'sqlite' ? 'integer' : 'bigint'
  const required = (column: ColumnDefinitionBuilder) => column.notNull()

  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('sessions')
        .addColumn('id', 'text', (column) => column.primaryKey().notNull())
        .addColumn('key_hash', 'text', required)
        .addColumn('token_id', 'text', (column) => column.notNull().references('access_tokens.id'))
        .addColumn('created_at', integer, required)
        .addColumn('last_used_at', integer, required)
        .addColumn('expires_at', integer, required)
        .execute()
      await db.schema.createIndex('sessions_key').on('sessions').column('key_hash').unique().execute()
      await sql`create index sessions_of_token on sessions (token_id, created_at desc)`.execute(db)
    },
  }
}
