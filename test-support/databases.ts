import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { inject } from 'vitest'

export interface PostgresDatabase extends AsyncDisposable {
  readonly name: string
  readonly url: string
  /** Cuts every connection to it and drops it; also by `await using`. A second call does nothing. */
  drop(): Promise<void>
}

/**
 * A new database that belongs to one test, on the server of this run: empty, or a copy of the one that is named. Nothing
 * else can be connected to template0, which would make CREATE DATABASE fail.
 */
export async function createPostgresDatabase(template = 'template0'): Promise<PostgresDatabase> {
  const adminUrl = inject('postgresAdminUrl')
  const name = `cutover_test_${randomBytes(8).toString('hex')}`
  await administer(adminUrl, `CREATE DATABASE ${name} TEMPLATE ${template} ENCODING 'UTF8'`)
  const drop = () => administer(adminUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
  return { name, url: withDatabase(adminUrl, name), drop, [Symbol.asyncDispose]: drop }
}

export interface DatabaseCopy {
  /** In place of the original, as a restored backup: whoever is connected is cut off, and connects to it next. */
  putBack(): Promise<void>
}

/** A copy of the database as it is now; whoever is connected to it is cut off for a moment. */
export async function copyOfDatabase(url: string): Promise<DatabaseCopy> {
  const adminUrl = inject('postgresAdminUrl')
  const name = new URL(url).pathname.slice(1)
  const copy = `${name}_copy`
  await inPeace(adminUrl, name, async () => {
    await administer(adminUrl, `CREATE DATABASE ${copy} TEMPLATE ${name}`)
  })
  return {
    putBack: () =>
      inPeace(adminUrl, name, async () => {
        await administer(adminUrl, `DROP DATABASE ${name}`)
        await administer(adminUrl, `ALTER DATABASE ${copy} RENAME TO ${name}`)
      }),
  }
}

async function inPeace(adminUrl: string, name: string, work: () => Promise<void>): Promise<void> {
  await administer(adminUrl, `ALTER DATABASE ${name} ALLOW_CONNECTIONS false`)
  await administer(adminUrl, `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '${name}'`)
  await work()
  await administer(adminUrl, `ALTER DATABASE ${name} ALLOW_CONNECTIONS true`)
}

function withDatabase(adminUrl: string, name: string): string {
  const url = new URL(adminUrl)
  url.pathname = `/${name}`
  return url.href
}

async function administer(adminUrl: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: adminUrl })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
