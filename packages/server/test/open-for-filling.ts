import BetterSqlite from 'better-sqlite3'
import { CompiledQuery, Kysely, PostgresDialect, SqliteDialect } from 'kysely'
import pg from 'pg'
import type { Database } from '../src/storage/schema.ts'

/** A store that no server is on, without what a server waits for: a machine that stops now stops the filling as well. */
export function openSqliteForFilling(path: string): Kysely<Database> {
  const database = new BetterSqlite(path)
  database.pragma('synchronous = OFF')
  return new Kysely<Database>({ dialect: new SqliteDialect({ database }) })
}

export function openPostgresForFilling(url: string): Kysely<Database> {
  return new Kysely<Database>({
    dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url, max: 1 }) }),
  })
}

export async function runOnce<Row>(db: Kysely<Database>, statement: string): Promise<readonly Row[]> {
  try {
    return (await db.executeQuery<Row>(CompiledQuery.raw(statement))).rows
  } finally {
    await db.destroy()
  }
}
