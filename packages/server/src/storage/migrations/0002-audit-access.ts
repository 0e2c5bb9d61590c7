import { type ColumnDefinitionBuilder, type Kysely, sql } from 'kysely'
import type { Engine } from '../engine.ts'

/** What the audit log is searched by, each in the order in which it is shown; and the key that signs checkpoints. */
export function auditAccess(engine: Engine) {
  const integer = engine === 'sqlite' ? 'integer' : 'bigint'
  const required = (column: ColumnDefinitionBuilder) => column.notNull()

  return {
    async up(db: Kysely<unknown>): Promise<void> {
      const index = (name: string, columns: readonly string[]) =>
        db.schema
          .createIndex(name)
          .on('audit_log')
          .columns(['chain', ...columns, 'timestamp', 'sequence'])
          .execute()
      await index('audit_log_by_time', [])
      await index('audit_log_by_actor', ['actor_id'])
      await index('audit_log_by_action', ['action'])
      await index('audit_log_by_resource', ['resource_id'])
      await index('audit_log_by_result', ['result'])

      await db.schema
        .createTable('audit_signing_key')
        .addColumn('id', integer, (column) => column.primaryKey().notNull())
        .addColumn('kid', 'text', required)
        .addColumn('sealed', 'text', required)
        .addColumn('created_at', integer, required)
        .addCheckConstraint('audit_signing_key_is_one_row', sql`id = 1`)
        .execute()
    },
  }
}
