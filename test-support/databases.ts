import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { inject } from 'vitest'

export interface PostgresDatabase extends AsyncDisposable {
  readonly name: string
  readonly url: string
  /** Cuts every connection to it and drops it; also by `await using`. A second call does nothing. */
  drop(): Promise<void>
}

/** A new empty database that belongs to one test, on the server of this run. */
export async function createPostgresDatabase(): Promise<PostgresDatabase> {
  const adminUrl = inject('postgresAdminUrl')
  const name = `cutover_test_${randomBytes(8).toString('hex')}`
  // template0: nothing else can be connected to it, which would make CREATE DATABASE fail.
  await administer(adminUrl, `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8'`)
  const drop = () => administer(adminUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
  return { name, url: withDatabase(adminUrl, name), drop, [Symbol.asyncDispose]: drop }
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
