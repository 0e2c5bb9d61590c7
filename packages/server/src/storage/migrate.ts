import { type Kysely, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { StartupRefusal } from '../startup-refusal.ts'
import type { Engine } from './engine.ts'
import { foundation } from './migrations/0001-foundation.ts'
import { auditAccess } from './migrations/0002-audit-access.ts'
import { integrators } from './migrations/0003-integrators.ts'
import { nodes } from './migrations/0004-nodes.ts'
import { lifecycle } from './migrations/0005-lifecycle.ts'
import { sealingKeys } from './migrations/0006-sealing-keys.ts'
import { sessions } from './migrations/0007-sessions.ts'
import { atScale } from './migrations/0008-at-scale.ts'
import type { Database } from './schema.ts'

function migrations(engine: Engine): Record<string, Migration> {
  return {
    '0001-foundation': foundation(engine),
    '0002-audit-access': auditAccess(engine),
    '0003-integrators': integrators(engine),
    '0004-nodes': nodes(engine),
    '0005-lifecycle': lifecycle(engine),
    '0006-sealing-keys': sealingKeys(),
    '0007-sessions': sessions(engine),
    '0008-at-scale': atScale(),
  }
}

/** Brings the schema up to date, forward only, under a lock. */
export async function migrate(db: Kysely<Database>, engine: Engine): Promise<void> {
  const provider = { getMigrations: async () => migrations(engine) }
  const { error } = await new Migrator({ db, provider }).migrateToLatest()
  if (error) throw new StartupRefusal(`The store cannot be brought up to date: ${oneLine(error)}.`, { cause: error })
}

/** Whether the schema is the one of this release; looks only. */
export async function isUpToDate(db: Kysely<Database>, engine: Engine): Promise<boolean> {
  const provider = { getMigrations: async () => migrations(engine) }
  const known = await new Migrator({ db, provider }).getMigrations()
  return known.every(({ executedAt }) => executedAt !== undefined)
}

/** Whether the schema has been made at all; looks only. */
export async function hasSchema(db: Kysely<Database>, engine: Engine): Promise<boolean> {
  const found =
    engine === 'sqlite'
      ? sql<{ found: number }>`select count(*) as found from sqlite_master where name = 'master_key_checks'`
      : sql<{ found: number }>`select count(*) as found from pg_tables
          where schemaname = current_schema() and tablename = 'master_key_checks'`
  const { rows } = await found.execute(db)
  return (rows[0]?.found ?? 0) > 0
}

function oneLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ')
}
