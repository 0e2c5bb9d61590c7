import { type ColumnDefinitionBuilder, type Kysely, sql } from 'kysely'
import type { Engine } from '../engine.ts'

/** The nodes that may hold in memory what a change makes out of date, and where in the audit log each change is told. */
export function nodes(engine: Engine) {
  const integer = engine === 'sqlite' ? 'integer' : 'bigint'
  const required = (column: ColumnDefinitionBuilder) => column.notNull()

  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('nodes')
        .addColumn('node_id', 'text', (column) => column.primaryKey().notNull())
        .addColumn('renewals', integer, required)
        .addColumn('applied_epoch', integer, required)
        .addColumn('fenced', integer, required)
        .addColumn('version', 'text', required)
        .addColumn('key_ids', 'text', required)
        .addColumn('started_at', integer, required)
        .addColumn('renewed_at', integer, required)
        .addColumn('lease_ms', integer, required)
        .execute()

      await db.schema.alterTable('changes').addColumn('audit_chain', 'text').execute()
      await db.schema.alterTable('changes').addColumn('audit_sequence', integer).execute()
      await db.schema.alterTable('changes').addColumn('audit_hash', 'text').execute()

      await db.schema.alterTable('signing_secrets').addColumn('disabled_at', integer).execute()

      // Whoever advances the epoch need not own the store any more.
      await sql`alter table revocation_epoch drop column owner`.execute(db)
    },
  }
}
