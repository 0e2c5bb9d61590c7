import type { Settings } from '../config.ts'
import { type Backup, backUpSqlite } from '../storage/sqlite-backup.ts'
import { Misuse } from './refusals.ts'

export type { Backup } from '../storage/sqlite-backup.ts'

export interface BackupWatcher {
  /** In pages of the database. */
  onProgress(done: number, total: number): void
}

/**
 * Copies the store to a new file, while servers run on it or none does. The master keys are not in it.
 *
 * @throws Misuse on PostgreSQL, which has its own tool; StartupRefusal
 */
export async function backUpStore(settings: Settings, path: string, watcher: BackupWatcher): Promise<Backup> {
  if (settings.CUTOVER_DATABASE_URL !== undefined) {
    throw new Misuse(
      'The store is a PostgreSQL database, and this copies SQLite only',
      'use pg_dump --format=custom "$CUTOVER_DATABASE_URL", or the backups of your PostgreSQL',
    )
  }
  return backUpSqlite(settings.CUTOVER_DATA_DIR, path, (done, total) => watcher.onProgress(done, total))
}
