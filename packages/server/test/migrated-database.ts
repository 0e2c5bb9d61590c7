import { Client } from 'pg'
import { inject } from 'vitest'
import { createPostgresDatabase, type PostgresDatabase } from '../../../test-support/databases.ts'
import { migrate } from '../src/storage/migrate.ts'
import { openPostgres } from '../src/storage/postgres.ts'

/** Any number: whoever makes the template holds this lock. */
const makingLock = 7_316_004

/** A database with the schema and nothing in it, as a first start leaves it that was cut off there. */
export async function createMigratedDatabase(): Promise<PostgresDatabase> {
  made ??= makeTemplate(inject('postgresTemplate'))
  await made
  return createPostgresDatabase(inject('postgresTemplate'))
}

let made: Promise<void> | undefined

/** Once in a run, by whichever process of it comes first. */
async function makeTemplate(name: string): Promise<void> {
  const client = new Client({ connectionString: inject('postgresAdminUrl') })
  await client.connect()
  try {
    await client.query('SELECT pg_advisory_lock($1)', [makingLock])
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name])
    if (rowCount !== 0) return
    const database = await createPostgresDatabase()
    const db = openPostgres(database.url)
    await migrate(db, 'postgres').finally(() => db.destroy())
    await client.query(`ALTER DATABASE ${database.name} RENAME TO ${name}`)
    // Nothing may be connected to what is copied.
    await client.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`)
  } finally {
    await client.end()
  }
}
