import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Lease } from '../cluster/ports.ts'
import { StartupRefusal } from '../startup-refusal.ts'
import type { Engine } from './engine.ts'
import { hasSchema } from './migrate.ts'
import { assertDurable, openPostgres } from './postgres.ts'
import { type OwnershipEvents, PostgresOwnership } from './postgres-ownership.ts'
import type { Database } from './schema.ts'
import {
  assertSqliteStoreExists,
  lockDataDirectory,
  openSqlite,
  prepareDataDirectory,
  type SqliteSettings,
} from './sqlite.ts'

export interface StoreLocation extends SqliteSettings {
  readonly dataDirectory: string
  /** Absent: SQLite in the data directory. */
  readonly databaseUrl: string | undefined
}

/** An open store that this process alone uses. */
export interface OpenedStore {
  readonly engine: Engine
  readonly db: Kysely<Database>
  readonly isEmpty: boolean
  readonly ownership: Lease
  /** What this process claims the store with; `null` where the lock on the data directory says it all. */
  readonly ownerId: string | null
  /** To be told when the store is lost to this process, and when it is back. */
  listen(events: OwnershipEvents): void
  close(): Promise<void>
}

export async function openStore(location: StoreLocation): Promise<OpenedStore> {
  prepareDataDirectory(location.dataDirectory)
  return location.databaseUrl === undefined ? openSqliteStore(location) : openPostgresStore(location.databaseUrl)
}

/** A store that another process may be running on: for a short visit that keeps to the order of changes. */
export async function visitStore(location: StoreLocation): Promise<Pick<OpenedStore, 'db' | 'close'>> {
  const { dataDirectory, databaseUrl } = location
  if (databaseUrl === undefined) assertSqliteStoreExists(dataDirectory)
  const engine = databaseUrl === undefined ? 'sqlite' : 'postgres'
  const db = databaseUrl === undefined ? openSqlite(dataDirectory, location) : openPostgres(databaseUrl)
  try {
    if (!(await hasSchema(db, engine))) throw new StartupRefusal('The store is empty: start the server first.')
    return { db, close: () => db.destroy() }
  } catch (error) {
    await db.destroy()
    throw error instanceof StartupRefusal ? error : unusableDatabase(error)
  }
}

async function openSqliteStore(location: StoreLocation): Promise<OpenedStore> {
  const lock = lockDataDirectory(location.dataDirectory)
  const db = openSqlite(location.dataDirectory, location)
  return {
    engine: 'sqlite',
    db,
    isEmpty: !(await hasSchema(db, 'sqlite')),
    ownership: { isHeld: () => true },
    ownerId: null,
    listen: () => {},
    close: async () => {
      await db.destroy()
      lock.release()
    },
  }
}

async function openPostgresStore(url: string): Promise<OpenedStore> {
  const events: OwnershipEvents = { onLost: () => {}, onRegained: async () => {} }
  const ownership = new PostgresOwnership(url, {
    onLost: () => events.onLost(),
    onRegained: () => events.onRegained(),
  })
  const db = openPostgres(url)
  try {
    await assertDurable(db)
    await ownership.take()
    const isEmpty = !(await hasSchema(db, 'postgres'))
    return {
      engine: 'postgres',
      db,
      isEmpty,
      ownership,
      ownerId: randomUUID(),
      listen: (listener) => Object.assign(events, listener),
      close: async () => {
        await ownership.release()
        await db.destroy()
      },
    }
  } catch (error) {
    await ownership.release()
    await db.destroy()
    throw error instanceof StartupRefusal ? error : unusableDatabase(error)
  }
}

function unusableDatabase(error: unknown): StartupRefusal {
  return new StartupRefusal(`The database of CUTOVER_DATABASE_URL cannot be used: ${reasonOf(error)}.`, {
    cause: error,
  })
}

/** In one line, and without the URL, which may hold a password. */
function reasonOf(error: unknown): string {
  const { cause = error } = error as { cause?: unknown }
  const { message, code } = cause as { message?: string; code?: string }
  return (message || code || 'unknown error').replaceAll(/\s+/g, ' ')
}
