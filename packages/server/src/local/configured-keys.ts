import { readFile } from 'node:fs/promises'
import type { Settings } from '../config.ts'
import { loadMasterKeys, type MasterKeys } from '../sealing/master-keys.ts'
import { localSystem } from './local-system.ts'

/** The master keys that a server with these settings would start with. */
export interface ConfiguredKeys {
  readonly masterKeys: MasterKeys
  /** In their order: the one that is to seal first. */
  readonly keyIds: readonly string[]
  readonly firstKeyId: string
  /** The set as it is written. */
  readonly json: string
  /** `null`: it is in the environment, where no command can change it. */
  readonly path: string | null
  /** The path, or the name of the setting. */
  readonly source: string
}

/** @throws MasterKeyError */
export async function configuredKeys(settings: Settings): Promise<ConfiguredKeys> {
  const { CUTOVER_MASTER_KEYS: inEnvironment, CUTOVER_MASTER_KEYS_FILE: file, CUTOVER_DATA_DIR } = settings
  const { masterKeys, source } = await loadMasterKeys(
    { json: inEnvironment, file, dataDirectory: CUTOVER_DATA_DIR, storeIsNew: false },
    localSystem,
  )
  return {
    masterKeys,
    keyIds: masterKeys.map(({ kid }) => kid),
    firstKeyId: masterKeys[0].kid,
    json: inEnvironment ?? (await readFile(source, 'utf8')),
    path: inEnvironment === undefined ? source : null,
    source,
  }
}
