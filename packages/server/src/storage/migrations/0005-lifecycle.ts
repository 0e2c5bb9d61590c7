import { type ColumnDefinitionBuilder, type CreateTableBuilder, type Kysely, sql } from 'kysely'
import type { Engine } from '../engine.ts'

/** The states of a secret between its making and its end, and who used it when. */
export function lifecycle(engine: Engine) {
  const integer = engine === 'sqlite' ? 'integer' : 'bigint'
  const required = (column: ColumnDefinitionBuilder) => column.notNull()
  // A table that is its primary key and a count needs no second tree beside it.
  const withoutRowId = <Table extends string, Column extends string>(table: CreateTableBuilder<Table, Column>) =>
    engine === 'sqlite' ? table.modifyEnd(sql`without rowid`) : table
  const now =
    engine === 'sqlite'
      ? sql`cast(unixepoch('subsec') * 1000 as integer)`
      : sql`(extract(epoch from clock_timestamp()) * 1000)::bigint`

  return {
    async up(db: Kysely<unknown>): Promise<void> {
      const secrets = db.schema.alterTable('signing_secrets')
      await secrets.addColumn('enable_at', integer).execute()
      await secrets.addColumn('purged_at', integer).execute()
      await secrets.addColumn('successor_id', integer).execute()
      await secrets.addColumn('awaited_id', integer).execute()
      await secrets.addColumn('awaited_grace_ms', integer).execute()
      await secrets.addColumn('tracked_since', integer).execute()
      await sql`update signing_secrets set tracked_since = ${now}`.execute(db)
      await db.schema
        .createIndex('signing_secrets_awaiting')
        .on('signing_secrets')
        .column('awaited_id')
        .where(sql<boolean>`awaited_id is not null`)
        .execute()
      await db.schema
        .createIndex('signing_secrets_deleted')
        .on('signing_secrets')
        .columns(['workspace_id', 'deleted_at'])
        .where(sql<boolean>`deleted_at is not null and sealed is not null and integrator_id is null`)
        .execute()
      await db.schema
        .createIndex('signing_secrets_unpurged')
        .on('signing_secrets')
        .column('deleted_at')
        .where(sql<boolean>`deleted_at is not null and sealed is not null`)
        .execute()

      await db.schema.alterTable('workspaces').addColumn('max_age_days', integer).execute()

      await db.schema
        .createTable('secret_uses')
        .addColumn('secret_id', integer, (column) => column.primaryKey().notNull())
        .addColumn('first_at', integer, required)
        .addColumn('last_at', integer, required)
        .execute()
      await db.schema
        .createTable('usage_counts')
        .addColumn('secret_id', integer, required)
        .addColumn('span_minutes', integer, required)
        .addColumn('start', integer, required)
        .addColumn('platform', 'text', required)
        .addColumn('count', integer, required)
        .addPrimaryKeyConstraint('usage_counts_bucket', ['secret_id', 'span_minutes', 'start', 'platform'])
        .$call(withoutRowId)
        .execute()
      await db.schema
        .createTable('usage_pauses')
        .addColumn('secret_id', integer, required)
        .addColumn('day', integer, required)
        .addColumn('longest_ms', integer, required)
        .addPrimaryKeyConstraint('usage_pauses_day', ['secret_id', 'day'])
        .$call(withoutRowId)
        .execute()
      await db.schema
        .createTable('usage_sources')
        .addColumn('secret_id', integer, required)
        .addColumn('source', 'text', required)
        .addColumn('count', integer, required)
        .addColumn('last_seen_at', integer, required)
        .addPrimaryKeyConstraint('usage_sources_source', ['secret_id', 'source'])
        .$call(withoutRowId)
        .execute()
      await db.schema
        .createTable('verification_outcomes')
        .addColumn('workspace_id', 'text', required)
        .addColumn('start', integer, required)
        .addColumn('platform', 'text', required)
        .addColumn('outcome', 'text', required)
        .addColumn('count', integer, required)
        .addPrimaryKeyConstraint('verification_outcomes_bucket', ['workspace_id', 'start', 'platform', 'outcome'])
        .$call(withoutRowId)
        .execute()
      await db.schema.createIndex('verification_outcomes_age').on('verification_outcomes').column('start').execute()
      await db.schema
        .createTable('usage_reports')
        .addColumn('process_id', 'text', (column) => column.primaryKey().notNull())
        .addColumn('node_id', 'text', required)
        .addColumn('batch', integer, required)
        .addColumn('counted_until', integer, required)
        .addColumn('ended_at', integer)
        .execute()
    },
  }
}
