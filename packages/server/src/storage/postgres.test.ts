import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { sql } from 'kysely'
import { Client } from 'pg'
import { expect, it, onTestFinished } from 'vitest'
import { createPostgresDatabase } from '../../../../test-support/databases.ts'
import { DomainError } from '../domain-error.ts'
import { openPostgres } from './postgres.ts'

/** ReadyForQuery and BackendKeyData (PostgreSQL's documentation, "Message Formats"). */
const ready = Buffer.from([0x5a, 0, 0, 0, 5, 0x49])
const key = Buffer.from([0x4b, 0, 0, 0, 12])

/** A way to the database on which each backend is killed as soon as it is ready, and its client hears both at once. */
async function killingWay(url: string): Promise<string> {
  const admin = new Client({ connectionString: url })
  // The database may be dropped under it.
  admin.on('error', () => {})
  await admin.connect()
  const { port } = new URL(url)
  const server = createServer((client) => {
    const store = connect(Number(port), '127.0.0.1')
    let greeting: Buffer | null = null
    client.on('data', (bytes) => store.write(bytes))
    client.on('error', () => store.destroy())
    store.on('data', (bytes: Buffer) => {
      if (greeting) client.end(Buffer.concat([greeting, bytes]))
      else if (!bytes.includes(ready)) client.write(bytes)
      else {
        greeting = bytes
        const pid = bytes.readInt32BE(bytes.indexOf(key) + key.length)
        void admin.query('SELECT pg_terminate_backend($1)', [pid])
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.close()
    await admin.end()
  })
  const way = new URL(url)
  way.port = String((server.address() as AddressInfo).port) // sound: it listens on a port
  return way.href
}

it('a backend that is killed as it becomes ready fails its query, and not the process', async () => {
  await using database = await createPostgresDatabase()
  const db = openPostgres(await killingWay(database.url))
  onTestFinished(() => db.destroy())
  for (let turn = 0; turn < 3; turn += 1) {
    await expect(sql`select 1`.execute(db)).rejects.toEqual(new DomainError('store_unavailable'))
  }
})
