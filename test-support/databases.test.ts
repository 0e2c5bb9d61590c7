import { Client } from 'pg'
import { describe, expect, inject, it } from 'vitest'
import { createPostgresDatabase } from './databases.ts'

async function connect(url: string): Promise<Client & AsyncDisposable> {
  const client = new Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() })
}

describe('createPostgresDatabase', () => {
  it('hands out an empty UTF-8 database on a PostgreSQL of version 14 or later', async () => {
    await using database = await createPostgresDatabase()
    await using client = await connect(database.url)
    const { rows } = await client.query(`
      SELECT current_setting('server_version_num')::int AS version, current_database() AS name,
        current_setting('server_encoding') AS encoding, current_setting('fsync') AS fsync,
        (SELECT count(*)::int FROM pg_tables WHERE schemaname = 'public') AS tables`)
    expect(rows).toEqual([
      { version: expect.any(Number), name: database.name, encoding: 'UTF8', fsync: 'on', tables: 0 },
    ])
    expect(rows[0].version).toBeGreaterThanOrEqual(140000)
  })

  it('gives each caller a database that no other sees', async () => {
    await using one = await createPostgresDatabase()
    await using other = await createPostgresDatabase()
    await using inOne = await connect(one.url)
    await using inOther = await connect(other.url)
    await inOne.query('CREATE TABLE mine (id int)')
    const { rows } = await inOther.query(`SELECT to_regclass('mine') AS found`)
    expect(rows).toEqual([{ found: null }])
  })

  it('makes twenty databases at once', async () => {
    const databases = await Promise.all(Array.from({ length: 20 }, createPostgresDatabase))
    expect(new Set(databases.map(({ name }) => name)).size).toBe(20)
    await Promise.all(databases.map((database) => database.drop()))
  })

  it('drops a database that still has connections, and only once', async () => {
    const database = await createPostgresDatabase()
    await using left = await connect(database.url)
    await left.query('SELECT 1')
    await database.drop()
    await database.drop()
    await using admin = await connect(inject('postgresAdminUrl'))
    const { rows } = await admin.query('SELECT count(*)::int AS left FROM pg_database WHERE datname = $1', [
      database.name,
    ])
    expect(rows).toEqual([{ left: 0 }])
  })
})
