import { existsSync } from 'node:fs'
import type { Settings } from '../config.ts'
import { StartupRefusal } from '../startup-refusal.ts'
import { isUpToDate } from '../storage/migrate.ts'
import { type VisitedStore, visitStore } from '../storage/open-store.ts'
import { assertSqliteStoreExists, lockMasterKeys, tryLockDataDirectory } from '../storage/sqlite.ts'
import { Store } from '../storage/store.ts'
import { takeOver } from '../take-over.ts'
import { localSystem } from './local-system.ts'
import type { Serving } from './master-key-status.ts'
import { storeLocation } from './store-location.ts'

/** The store as a command sees it that has to do with its master keys. */
export interface KeyStore {
  readonly store: Store
  /** Whether no server can be running, nor start, before this is closed. */
  readonly isAlone: boolean
  serving(): Promise<Serving>
  close(): Promise<void>
}

/** To look at it; a server may start or stop meanwhile. */
export async function openKeyStore(settings: Settings): Promise<KeyStore> {
  const { engine, db, close } = await visit(settings)
  const store = new Store(db)
  const serving = async (): Promise<Serving> => {
    if (engine === 'postgres') return servingNodes(store)
    const lock = tryLockDataDirectory(settings.CUTOVER_DATA_DIR)
    lock?.release()
    return lock === null ? 'somebody' : 'nobody'
  }
  return { store, isAlone: false, serving, close }
}

/** To change it: no other command does so meanwhile, and on SQLite no server starts where none is running. */
export async function holdKeyStore(settings: Settings): Promise<KeyStore> {
  const { CUTOVER_DATA_DIR: directory, CUTOVER_DATABASE_URL: databaseUrl } = settings
  if (databaseUrl === undefined) assertSqliteStoreExists(directory)
  // Without a data directory on this machine there is no file in it, and the store keeps its own order.
  const turn = existsSync(directory) ? lockMasterKeys(directory) : null
  const alone = databaseUrl === undefined ? tryLockDataDirectory(directory) : null
  const release = () => {
    alone?.release()
    turn?.release()
  }
  try {
    const { engine, db, close } = await visit(settings)
    const store = new Store(db)
    if (alone !== null) await takeOver({ store, system: localSystem, keyIds: null })
    const serving = async () => (engine === 'postgres' ? servingNodes(store) : alone === null ? 'somebody' : 'nobody')
    return { store, isAlone: alone !== null, serving, close: () => close().finally(release) }
  } catch (error) {
    release()
    throw error
  }
}

async function visit(settings: Settings): Promise<VisitedStore> {
  const visited = await visitStore(storeLocation(settings))
  if (await isUpToDate(visited.db, visited.engine)) return visited
  await visited.close()
  throw new StartupRefusal('The store is one of an older release: start the server of this release once.')
}

async function servingNodes(store: Store): Promise<Serving> {
  return (await store.read.nodes.list()).some(({ fenced }) => !fenced) ? 'somebody' : 'nobody'
}
