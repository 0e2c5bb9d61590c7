import { type ColumnDefinitionBuilder, type Kysely, sql } from 'kysely'
import type { Engine } from '../engine.ts'

/** Workspaces, tokens, signing secrets, the order of changes, kept answers, the audit log. */
export function foundation(engine: Engine) {
  const integer = engine === 'sqlite' ? 'integer' : 'bigint'
  const required = (column: ColumnDefinitionBuilder) => column.notNull()
  const rowId = (column: ColumnDefinitionBuilder) =>
    engine === 'sqlite' ? column.primaryKey().autoIncrement() : column.primaryKey().generatedAlwaysAsIdentity()

  return {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('workspaces')
        .addColumn('sequence', integer, rowId)
        .addColumn('id', 'text', (column) => column.notNull().unique())
        .addColumn('name', 'text', required)
        .addColumn('created_at', integer, required)
        .addColumn('deleted_at', integer)
        .addColumn('enforcement_web', 'text', (column) => column.notNull().defaultTo('enforce'))
        .addColumn('enforcement_ios', 'text', (column) => column.notNull().defaultTo('enforce'))
        .addColumn('enforcement_android', 'text', (column) => column.notNull().defaultTo('enforce'))
        .execute()

      await db.schema
        .createTable('access_tokens')
        .addColumn('sequence', integer, rowId)
        .addColumn('id', 'text', (column) => column.notNull().unique())
        .addColumn('workspace_id', 'text', (column) => column.references('workspaces.id'))
        .addColumn('name', 'text', required)
        .addColumn('token_hash', 'text', (column) => column.notNull().unique())
        .addColumn('scopes', 'text', required)
        .addColumn('environment', 'text')
        .addColumn('created_at', integer, required)
        .addColumn('created_by', 'text', required)
        .addColumn('parent_id', 'text')
        .addColumn('rotated_by', 'text')
        .addColumn('expires_at', integer)
        .addColumn('successor_id', 'text')
        .addColumn('revoked_at', integer)
        .addColumn('revoked_epoch', integer)
        .execute()
      await db.schema
        .createIndex('access_tokens_listed')
        .on('access_tokens')
        .columns(['workspace_id', 'sequence'])
        .where(sql.ref('revoked_at'), 'is', null)
        .execute()
      await db.schema.createIndex('access_tokens_parent').on('access_tokens').column('parent_id').execute()
      await db.schema.createIndex('access_tokens_rotator').on('access_tokens').column('rotated_by').execute()
      await db.schema
        .createTable('access_token_uses')
        .addColumn('token_id', 'text', (column) => column.notNull().references('access_tokens.id'))
        .addColumn('scope', 'text', required)
        .addColumn('last_used_at', integer, required)
        .addPrimaryKeyConstraint('access_token_uses_sample', ['token_id', 'scope'])
        .execute()

      await db.schema
        .createTable('signing_secrets')
        .addColumn('id', integer, rowId)
        .addColumn('workspace_id', 'text', (column) => column.notNull().references('workspaces.id'))
        .addColumn('name', 'text', required)
        .addColumn('web', integer, required)
        .addColumn('ios', integer, required)
        .addColumn('android', integer, required)
        .addColumn('fingerprint', 'text', required)
        .addColumn('sealed', 'text')
        .addColumn('created_at', integer, required)
        .addColumn('created_by', 'text', required)
        .addColumn('expires_at', integer)
        .addColumn('deleted_at', integer)
        .addColumn('deleted_by', 'text')
        .addColumn('revoked_epoch', integer)
        .execute()
      await db.schema
        .createIndex('signing_secrets_undeleted')
        .on('signing_secrets')
        .columns(['workspace_id', 'id'])
        .where(sql.ref('deleted_at'), 'is', null)
        .execute()

      await db.schema
        .createTable('revocation_epoch')
        .addColumn('id', integer, (column) => column.primaryKey().notNull())
        .addColumn('value', integer, required)
        .addColumn('owner', 'text')
        .addCheckConstraint('revocation_epoch_is_one_row', sql`id = 1`)
        .execute()
      await sql`insert into revocation_epoch (id, value) values (1, 0)`.execute(db)

      await db.schema
        .createTable('changes')
        .addColumn('epoch', integer, (column) => column.primaryKey().notNull())
        .addColumn('workspace_id', 'text')
        .addColumn('part', 'text', required)
        .execute()

      await db.schema
        .createTable('kept_answers')
        .addColumn('token_id', 'text', required)
        .addColumn('workspace_id', 'text', required)
        .addColumn('method', 'text', required)
        .addColumn('path', 'text', required)
        .addColumn('idempotency_key', 'text', required)
        .addColumn('body_hash', 'text', required)
        .addColumn('sealed_answer', 'text')
        .addColumn('subject', 'text', required)
        .addColumn('epoch', integer, required)
        .addColumn('created_at', integer, required)
        .addColumn('expires_at', integer, required)
        .addPrimaryKeyConstraint('kept_answers_request', [
          'token_id',
          'workspace_id',
          'method',
          'path',
          'idempotency_key',
        ])
        .execute()
      await db.schema.createIndex('kept_answers_subject').on('kept_answers').column('subject').execute()
      await db.schema.createIndex('kept_answers_expiry').on('kept_answers').column('expires_at').execute()

      await db.schema
        .createTable('audit_log')
        .addColumn('chain', 'text', required)
        .addColumn('sequence', integer, required)
        .addColumn('timestamp', integer, required)
        .addColumn('action', 'text', required)
        .addColumn('actor_type', 'text', required)
        .addColumn('actor_id', 'text', required)
        .addColumn('actor_name', 'text')
        .addColumn('resource_type', 'text', required)
        .addColumn('resource_id', 'text')
        .addColumn('result', 'text', required)
        .addColumn('metadata', 'text', required)
        .addColumn('request_id', 'text')
        .addColumn('ip', 'text')
        .addColumn('previous_hash', 'text', required)
        .addColumn('hash', 'text', required)
        .addPrimaryKeyConstraint('audit_log_place', ['chain', 'sequence'])
        .execute()
      await db.schema
        .createTable('audit_heads')
        .addColumn('chain', 'text', (column) => column.primaryKey().notNull())
        .addColumn('size', integer, required)
        .addColumn('hash', 'text', required)
        .execute()

      await db.schema
        .createTable('master_key_checks')
        .addColumn('kid', 'text', (column) => column.primaryKey().notNull())
        .addColumn('check_value', 'text', required)
        .addColumn('created_at', integer, required)
        .execute()
    },
  }
}
