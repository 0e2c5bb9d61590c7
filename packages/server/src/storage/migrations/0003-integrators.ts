import { type ColumnDefinitionBuilder, type Kysely, sql } from 'kysely'
import type { Engine } from '../engine.ts'

/** Integrators, whose secrets lie beside those of users, and the signatures that were accepted once. */
export function integrators(engine: Engine) {
  const integer = engine === 'sqlite' ? 'integer' : 'bigint'
  const required = (column: ColumnDefinitionBuilder) => column.notNull()
  const rowId = (column: ColumnDefinitionBuilder) =>
    engine === 'sqlite' ? column.primaryKey().autoIncrement() : column.primaryKey().generatedAlwaysAsIdentity()

  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('integrators')
        .addColumn('sequence', integer, rowId)
        .addColumn('id', 'text', (column) => column.notNull().unique())
        .addColumn('key', 'text', (column) => column.notNull().unique())
        .addColumn('workspace_id', 'text', (column) => column.notNull().references('workspaces.id'))
        .addColumn('name', 'text', required)
        .addColumn('created_at', integer, required)
        .addColumn('created_by', 'text', required)
        .addColumn('deleted_at', integer)
        .addColumn('deleted_by', 'text')
        .addColumn('revoked_epoch', integer)
        .addColumn('consumed_signatures', integer, (column) => column.notNull().defaultTo(0))
        .execute()
      await db.schema
        .createIndex('integrators_listed')
        .on('integrators')
        .columns(['workspace_id', 'sequence'])
        .where(sql.ref('deleted_at'), 'is', null)
        .execute()

      await db.schema
        .alterTable('signing_secrets')
        .addColumn('integrator_id', 'text', (column) => column.references('integrators.id'))
        .execute()
      await db.schema
        .createIndex('signing_secrets_of_integrator')
        .on('signing_secrets')
        .columns(['integrator_id', 'id'])
        .where(sql<boolean>`integrator_id is not null and deleted_at is null`)
        .execute()
      // A workspace may have many integrators: what loads its users' secrets must not walk over theirs.
      await db.schema.dropIndex('signing_secrets_undeleted').execute()
      await db.schema
        .createIndex('signing_secrets_of_users')
        .on('signing_secrets')
        .columns(['workspace_id', 'id'])
        .where(sql<boolean>`integrator_id is null and deleted_at is null`)
        .execute()

      await db.schema.alterTable('changes').addColumn('subject', 'text').execute()

      await db.schema
        .createTable('consumed_signatures')
        .addColumn('integrator_id', 'text', (column) => column.notNull().references('integrators.id'))
        .addColumn('signature', 'text', required)
        .addColumn('expires_at', integer, required)
        .addPrimaryKeyConstraint('consumed_signatures_once', ['integrator_id', 'signature'])
        .execute()
      await db.schema
        .createIndex('consumed_signatures_expiry')
        .on('consumed_signatures')
        .columns(['expires_at', 'integrator_id'])
        .execute()
    },
  }
}
