import { chmodSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import BetterSqlite from 'better-sqlite3'
import { Kysely, SqliteAdapter, type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely'
import { StartupRefusal } from '../startup-refusal.ts'
import type { Database } from './schema.ts'
import { StoreConflict, unavailable } from './store-failure.ts'

export const databaseName = 'cutover.db'
const lockName = 'cutover.lock'
const workersLockName = 'cutover-workers.lock'
const masterKeysLockName = 'cutover-master-keys.lock'

/** Older libraries can corrupt a database when the WAL is reset (fixed in 3.51.3). */
const oldestLibrary = [3, 51, 3]

const maxPreparedStatements = 200

/** Makes the data directory, or closes an existing one to everybody but its owner. */
export function prepareDataDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    const isOurs = existsSync(join(directory, databaseName)) || readdirSync(directory).length === 0
    const isOpenToOthers = (statSync(directory).mode & 0o077) !== 0
    if (isOpenToOthers && !isOurs) {
      throw new StartupRefusal(
        `The data directory ${directory} holds other files and is open to other users: ` +
          'name an empty one in CUTOVER_DATA_DIR, or chmod it to 700.',
      )
    }
    if (isOpenToOthers) chmodSync(directory, 0o700)
  } catch (error) {
    if (error instanceof StartupRefusal) throw error
    throw new StartupRefusal(`The data directory ${directory} cannot be used: ${(error as Error).message}.`)
  }
}

export function assertSqliteStoreExists(directory: string): void {
  if (existsSync(join(directory, databaseName))) return
  throw new StartupRefusal(
    `There is no store in the data directory ${directory}: set CUTOVER_DATA_DIR to that of the server.`,
  )
}

/** Held for the life of the process and let go by the system when it dies, however it dies. */
export interface DirectoryLock {
  release(): void
}

/**
 * For the one process that may be an installation: nobody else is on this store once it holds this, not even a worker
 * that outlived the process which had started it. Who has no workers keeps them out for good: one that was started by
 * another process may have been on its way here.
 */
export function lockDataDirectory(directory: string, workers: 'let in' | 'keep out'): DirectoryLock {
  const lock = holdLock(directory, lockName, 'begin exclusive')
  try {
    const workersLock = holdLock(directory, workersLockName, 'begin exclusive')
    if (workers === 'let in') workersLock.release()
    const release = () => {
      if (workers === 'keep out') workersLock.release()
      lock.release()
    }
    return { release }
  } catch (error) {
    lock.release()
    throw error
  }
}

/** As `lockDataDirectory` for who is alone; `null`: somebody else holds it. */
export function tryLockDataDirectory(directory: string): DirectoryLock | null {
  try {
    return lockDataDirectory(directory, 'keep out')
  } catch (error) {
    if (error instanceof StartupRefusal) return null
    throw error
  }
}

/** Of several commands that change the master keys, one at a time. */
export function lockMasterKeys(directory: string): DirectoryLock {
  return holdLock(directory, masterKeysLockName, 'begin exclusive', 'Another command is changing the master keys.')
}

/** For a worker: held beside those of the others, and against whoever wants to be alone. */
export function joinDataDirectory(directory: string): DirectoryLock {
  return holdLock(directory, workersLockName, 'begin; select count(*) from sqlite_master')
}

/** A held transaction on a small database of its own: Node has no flock, and a plain pid file goes stale. */
function holdLock(
  directory: string,
  name: string,
  begin: string,
  refusal = `Another Cutover is running on the data directory ${directory}: stop it first.`,
): DirectoryLock {
  const lock = new BetterSqlite(join(directory, name), { timeout: 0 })
  try {
    lock.exec(begin)
  } catch (error) {
    lock.close()
    if (!(error instanceof BetterSqlite.SqliteError && error.code.startsWith('SQLITE_BUSY'))) throw error
    throw new StartupRefusal(refusal)
  }
  return { release: () => lock.close() }
}

export interface SqliteSettings {
  /** Of several processes on one file, one moves the journal into the database. */
  readonly checkpoints: boolean
  /**
   * Called when the disk failed. An fsync must never be tried again, since the system may have dropped the very pages
   * that it could not write: the process has to end.
   */
  onDiskFailure(error: unknown): void
}

/** A database in a file, and what only this engine tells. */
export interface SqliteStore {
  readonly db: Kysely<Database>
  /** Another number whenever another connection has committed since the last call. */
  dataVersion(): number
  /** Moves what was committed from the journal to the database; `false`: not all, somebody is reading. */
  checkpoint(): boolean
}

/** Opens the database, making it when there is none. One connection serves the whole process. */
export function openSqlite(dataDirectory: string, settings: SqliteSettings): SqliteStore {
  const database = new BetterSqlite(join(dataDirectory, databaseName), { timeout: 100 })
  assertLibrary(database)
  database.pragma('journal_mode = WAL')
  // The library is compiled with NORMAL for WAL, under which a power loss can undo a committed delete.
  database.pragma('synchronous = FULL')
  database.pragma('foreign_keys = ON')
  database.pragma('secure_delete = ON')
  database.pragma('trusted_schema = OFF')
  if (!settings.checkpoints) database.pragma('wal_autocheckpoint = 0')
  return {
    db: new Kysely<Database>({ dialect: new TransactionalDdlDialect({ database: writersOnly(database, settings) }) }),
    dataVersion: () => Number(database.pragma('data_version', { simple: true })),
    checkpoint: () => database.pragma('wal_checkpoint(PASSIVE)', { simple: true }) === 0,
  }
}

/** SQLite does run schema changes in transactions: a migration that is interrupted leaves nothing behind. */
class TransactionalDdlDialect extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new TransactionalDdlAdapter()
  }
}

class TransactionalDdlAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

/**
 * Keeps statements prepared, and begins every transaction as a writer: one that reads first and writes later fails with
 * SQLITE_BUSY_SNAPSHOT, whatever the timeout, when another process has written in between.
 */
function writersOnly(database: BetterSqlite.Database, settings: SqliteSettings): SqliteDatabase {
  const prepared = new Map<string, SqliteStatement>()
  return {
    prepare(sql) {
      const known = prepared.get(sql)
      if (known) return known
      if (sql === 'rollback') return rollbackOf(database)
      const statement = translated(() => database.prepare(sql === 'begin' ? 'begin immediate' : sql), settings)
      // A generated statement that never comes back must not stay for ever.
      if (prepared.size >= maxPreparedStatements) prepared.clear()
      const kept = withTranslatedErrors(statement, settings)
      prepared.set(sql, kept)
      return kept
    },
    close: () => database.close(),
  }
}

/**
 * A disk that is full, and some other failures, have rolled the transaction back already (SQLite's documentation,
 * "Transaction", section 3.1): another rollback would fail, and its error would hide the one that matters.
 */
function rollbackOf(database: BetterSqlite.Database): SqliteStatement {
  const roll = () => {
    if (database.inTransaction) database.exec('rollback')
    return { changes: 0, lastInsertRowid: 0 }
  }
  return { reader: false, all: () => [], run: roll, iterate: () => [].values() }
}

function withTranslatedErrors(statement: BetterSqlite.Statement, settings: SqliteSettings): SqliteStatement {
  return {
    reader: statement.reader,
    all: (parameters) => translated(() => statement.all(...parameters), settings),
    run: (parameters) => translated(() => statement.run(...parameters), settings),
    iterate: (parameters) => statement.iterate(...parameters),
  }
}

function translated<Result>(work: () => Result, settings: SqliteSettings): Result {
  try {
    return work()
  } catch (error) {
    throw translateError(error, settings)
  }
}

/** By result code (SQLite's documentation, "Result and Error Codes"); anything else is a mistake of ours. */
function translateError(error: unknown, settings: SqliteSettings): unknown {
  if (!(error instanceof BetterSqlite.SqliteError)) return error
  if (/^SQLITE_(BUSY|LOCKED)/.test(error.code)) return new StoreConflict(error)
  if (/^SQLITE_(IOERR|CORRUPT|NOTADB)/.test(error.code)) settings.onDiskFailure(error)
  return /^SQLITE_(IOERR|CORRUPT|NOTADB|FULL|READONLY|CANTOPEN)/.test(error.code) ? unavailable(error) : error
}

function assertLibrary(database: BetterSqlite.Database): void {
  const version = String(database.prepare('select sqlite_version()').pluck().get())
  const parts = version.split('.').map(Number)
  const difference = oldestLibrary.map((part, index) => (parts[index] ?? 0) - part).find((each) => each !== 0) ?? 0
  if (difference < 0) throw new StartupRefusal(`SQLite ${version} can corrupt its database: 3.51.3 or newer is needed.`)
}
