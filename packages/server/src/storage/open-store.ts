import type { Kysely } from 'kysely'
import { StartupRefusal } from '../startup-refusal.ts'
import type { Engine } from './engine.ts'
import { hasSchema } from './migrate.ts'
import { assertDurable, openPostgres } from './postgres.ts'
import { PostgresNotifications } from './postgres-notifications.ts'
import type { Database } from './schema.ts'
import {
  assertSqliteStoreExists,
  joinDataDirectory,
  lockDataDirectory,
  openSqlite,
  prepareDataDirectory,
} from './sqlite.ts'

/** `worker`: one of several processes that another one started, which keeps every other installation away. */
export type ProcessRole = 'alone' | 'supervisor' | 'worker'

export interface StoreLocation {
  readonly dataDirectory: string
  /** Absent: SQLite in the data directory. */
  readonly databaseUrl: string | undefined
  /** Called when the disk failed: the process has to end, since an fsync must never be tried again. */
  onDiskFailure(error: unknown): void
}

export interface OpenedStore {
  readonly engine: Engine
  readonly db: Kysely<Database>
  /** For what keeps this node a member: never behind what requests wait for. */
  readonly memberDb: Kysely<Database>
  readonly isEmpty: boolean
  /** Whether no other process can be using this store. */
  readonly isAlone: boolean
  /**
   * Told, soon and now and then for nothing, when somebody else may have changed something; and when somebody asks for
   * what this process has not written yet, where the engine has a way to ask.
   */
  watch(onChange: () => void, onAsked: () => void): void
  /** Of a supervisor, whose workers leave it to it. */
  checkpoint(): void
  close(): Promise<void>
}

/** How often a worker looks whether another one has committed: a look costs microseconds. */
const lookEveryMs = 10

/**
 * @param memberTimeoutMs - how long what keeps this node a member may wait for the store, before it is tried again
 */
export async function openStore(
  location: StoreLocation,
  role: ProcessRole,
  memberTimeoutMs: number,
): Promise<OpenedStore> {
  prepareDataDirectory(location.dataDirectory)
  const { databaseUrl } = location
  return databaseUrl === undefined ? openSqliteStore(location, role) : openPostgresStore(databaseUrl, memberTimeoutMs)
}

/** A store that is there, and that other processes may be running on. */
export interface VisitedStore {
  readonly engine: Engine
  readonly db: Kysely<Database>
  close(): Promise<void>
}

/** For a short visit that keeps to the order of changes. */
export async function visitStore(location: StoreLocation): Promise<VisitedStore> {
  const { dataDirectory, databaseUrl } = location
  if (databaseUrl === undefined) assertSqliteStoreExists(dataDirectory)
  const engine = databaseUrl === undefined ? 'sqlite' : 'postgres'
  const db =
    databaseUrl === undefined
      ? openSqlite(dataDirectory, { ...location, checkpoints: true }).db
      : openPostgres(databaseUrl)
  try {
    if (!(await hasSchema(db, engine))) throw new StartupRefusal('The store is empty: start the server first.')
    return { engine, db, close: () => db.destroy() }
  } catch (error) {
    await db.destroy()
    throw error instanceof StartupRefusal ? error : unusableDatabase(error)
  }
}

async function openSqliteStore(location: StoreLocation, role: ProcessRole): Promise<OpenedStore> {
  const { dataDirectory } = location
  const lock =
    role === 'worker'
      ? joinDataDirectory(dataDirectory)
      : lockDataDirectory(dataDirectory, role === 'alone' ? 'keep out' : 'let in')
  const { db, dataVersion, checkpoint } = openSqlite(dataDirectory, { ...location, checkpoints: role !== 'worker' })
  let looking: NodeJS.Timeout | undefined
  return {
    engine: 'sqlite',
    db,
    memberDb: db,
    isEmpty: !(await hasSchema(db, 'sqlite')),
    isAlone: role === 'alone',
    watch(onChange) {
      if (role === 'alone') return
      let seen: number | null = null
      looking = setInterval(() => {
        const version = tried(dataVersion)
        if (version === null || version !== seen) onChange()
        seen = version
      }, lookEveryMs).unref()
    },
    checkpoint,
    close: async () => {
      clearInterval(looking)
      await db.destroy()
      lock.release()
    },
  }
}

async function openPostgresStore(url: string, memberTimeoutMs: number): Promise<OpenedStore> {
  const db = openPostgres(url)
  const memberDb = openPostgres(url, { connections: 3, timeoutMs: memberTimeoutMs, isDurable: false })
  let notifications: PostgresNotifications | undefined
  const close = async () => {
    await notifications?.close()
    await memberDb.destroy()
    await db.destroy()
  }
  try {
    await assertDurable(db)
    return {
      engine: 'postgres',
      db,
      memberDb,
      isEmpty: !(await hasSchema(db, 'postgres')),
      isAlone: false,
      watch(onChange, onAsked) {
        notifications = new PostgresNotifications(url, onChange, onAsked)
      },
      checkpoint: () => {},
      close,
    }
  } catch (error) {
    await close()
    throw error instanceof StartupRefusal ? error : unusableDatabase(error)
  }
}

/** `null`: the file could not be read just now. */
function tried(look: () => number): number | null {
  try {
    return look()
  } catch {
    return null
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
