import type { Settings } from '../config.ts'
import type { StoreLocation } from '../storage/open-store.ts'

/** The same store as that of a server with these settings. */
export function storeLocation({ CUTOVER_DATA_DIR, CUTOVER_DATABASE_URL }: Settings): StoreLocation {
  return {
    dataDirectory: CUTOVER_DATA_DIR,
    databaseUrl: CUTOVER_DATABASE_URL,
    // A command ends with what it failed at anyway.
    onDiskFailure: () => {},
  }
}
