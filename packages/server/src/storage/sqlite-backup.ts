import { randomUUID } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, linkSync, openSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import BetterSqlite from 'better-sqlite3'
import { StartupRefusal } from '../startup-refusal.ts'
import { assertSqliteStoreExists, databaseName } from './sqlite.ts'

/** What a copy holds. */
export interface Backup {
  readonly bytes: number
  readonly epoch: number
  /** Those that are not deleted, whoever signs with them. */
  readonly secrets: number
  readonly workspaces: number
  readonly auditEntries: number
}

/** As many are copied at a time, so that progress can be told. */
const pagesAtOnce = 1000

/**
 * Copies the database as it is at one moment, while processes go on writing to it, and looks at the copy. The file has
 * its name only once it is whole, verified and on disk; what an end in the middle leaves is called `….partial`.
 *
 * @throws StartupRefusal where there is no store, or something of that name already
 */
export async function backUpSqlite(
  dataDirectory: string,
  path: string,
  onProgress: (copied: number, total: number) => void,
): Promise<Backup> {
  assertSqliteStoreExists(dataDirectory)
  if (existsSync(path)) throw exists(path)
  const draft = `${path}.${randomUUID()}.partial`
  try {
    closeSync(openSync(draft, 'wx', 0o600))
    await copy(join(dataDirectory, databaseName), draft, onProgress)
    const backup = verified(draft)
    sync(draft)
    // link, and not rename, which would put it in the place of another file.
    linkSync(draft, path)
    return backup
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (error instanceof StartupRefusal) throw error
    throw code === 'EEXIST'
      ? exists(path)
      : new StartupRefusal(`${path} cannot be written: ${message}.`, { cause: error })
  } finally {
    for (const name of [draft, `${draft}-journal`, `${draft}-wal`, `${draft}-shm`]) rmSync(name, { force: true })
    if (existsSync(dirname(path))) sync(dirname(path))
  }
}

/** In one snapshot: without a transaction of its own, a copy begins anew whenever somebody else has written. */
async function copy(from: string, to: string, onProgress: (copied: number, total: number) => void): Promise<void> {
  const source = new BetterSqlite(from, { timeout: 5000 })
  try {
    source.exec('begin; select count(*) from sqlite_master')
    await source.backup(to, {
      progress: ({ totalPages, remainingPages }) => {
        onProgress(totalPages - remainingPages, totalPages)
        return pagesAtOnce
      },
    })
    source.exec('rollback')
  } finally {
    source.close()
  }
}

function verified(path: string): Backup {
  const database = new BetterSqlite(path, { fileMustExist: true })
  try {
    // One file, complete without a journal beside it.
    database.pragma('journal_mode = DELETE')
    const faults = database.pragma('integrity_check', { simple: true })
    if (faults !== 'ok') throw new StartupRefusal(`The copy is damaged (${String(faults)}): is the disk in order?`)
    const number = (sql: string) => Number(database.prepare(sql).pluck().get())
    return {
      bytes: statSync(path).size,
      epoch: number('select value from revocation_epoch'),
      secrets: number('select count(*) from signing_secrets where deleted_at is null'),
      workspaces: number('select count(*) from workspaces where deleted_at is null'),
      auditEntries: number('select count(*) from audit_log'),
    }
  } finally {
    database.close()
  }
}

function exists(path: string): StartupRefusal {
  return new StartupRefusal(`${path} exists already: a backup never takes the place of another file.`)
}

/** Of a file or a directory. */
function sync(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
