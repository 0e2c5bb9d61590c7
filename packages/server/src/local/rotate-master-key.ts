import { admitMasterKey, masterKeyEntry } from '../admit-master-key.ts'
import type { Settings } from '../config.ts'
import { makeKeyCheck, verifyKeyChecks } from '../sealing/key-check.ts'
import { replaceMasterKeysFile, withNewKey, writeMasterKeysTo } from '../sealing/master-keys-file.ts'
import type { Store } from '../storage/store.ts'
import { type ConfiguredKeys, configuredKeys } from './configured-keys.ts'
import { localActor } from './local-actor.ts'
import { localSystem as system } from './local-system.ts'
import { type MasterKeyStatus, readStatus } from './master-key-status.ts'
import type { NextStep } from './next-step.ts'
import { holdKeyStore, type KeyStore, openKeyStore } from './open-key-store.ts'
import { GuardRefusal, Misuse } from './refusals.ts'
import { type Resealed, reseal } from './reseal.ts'
import { waitOutSilent } from './wait-out-silent.ts'

export interface RotationWatcher {
  /** A step that may take long: of `total`, which are ids, so many are behind. */
  onProgress(done: number, total: number): void
  /** Nothing moves for so long. */
  onWait(milliseconds: number): void
}

export interface RotationOptions {
  /** Where to write a changed set of keys, in place of where it is; a new file. */
  readonly out?: string | undefined
}

export interface Rotation {
  /** The key that is rotated to. */
  readonly kid: string
  /** Whether this run made that key, and where it was written. */
  readonly added: boolean
  readonly writtenTo: string | null
  /** What this run sealed anew; `null`: it did not come to that. */
  readonly resealed: Resealed | null
  readonly next: NextStep
}

/** @throws MasterKeyError, StartupRefusal */
export async function masterKeyStatus(settings: Settings): Promise<MasterKeyStatus> {
  const configured = await configuredKeys(settings)
  const { store, serving, close } = await openKeyStore(settings)
  try {
    return await readStatus(store, configured, await serving())
  } finally {
    await close()
  }
}

/**
 * Does the next step of a rotation, or as many as can be done at once. May be broken off anywhere and run again.
 *
 * @throws GuardRefusal while nodes have to be restarted first; Misuse; MasterKeyError; StartupRefusal
 */
export async function rotateMasterKey(
  settings: Settings,
  options: RotationOptions,
  watcher: RotationWatcher,
): Promise<Rotation> {
  const configured = await configuredKeys(settings)
  const held = await holdKeyStore(settings)
  try {
    await verifyKeyChecks(configured.masterKeys, await held.store.read.masterKeys.all())
    const { next } = await readStatus(held.store, configured, await held.serving())
    if (next.step === 'add') return await add(held, configured, options, watcher, settings)
    return { ...(await goOn(held, configured, watcher)), added: false, writtenTo: null }
  } finally {
    await held.close()
  }
}

/** Where no server can be running, nobody has to be given the new key first. */
async function add(
  held: KeyStore,
  configured: ConfiguredKeys,
  options: RotationOptions,
  watcher: RotationWatcher,
  settings: Settings,
): Promise<Rotation> {
  const { kid, writtenTo } = await writeNewKey(configured, options)
  const added = { kid, added: true, writtenTo } as const
  if (held.isAlone && writtenTo === configured.path) {
    return { ...(await goOn(held, await configuredKeys(settings), watcher)), ...added }
  }
  const again = 'Then run cutover master-key rotate again.'
  const words =
    writtenTo === configured.path
      ? `Restart the server. Of several nodes, give each this file, and restart one after the other. ${again}`
      : `Have ${configured.source} hold what is in ${writtenTo}, on every node, and restart one after the other. ${again}`
  return { ...added, resealed: null, next: { step: 'restart', nodes: [], words } }
}

async function writeNewKey({ path, json, source }: ConfiguredKeys, { out }: RotationOptions) {
  const { json: changed, kid } = withNewKey(json, system)
  if (out !== undefined) {
    await writeMasterKeysTo(out, changed)
    return { kid, writtenTo: out }
  }
  if (path === null) {
    throw new Misuse(
      `No command can change ${source}: it is in the environment`,
      'have the new set written: --out FILE',
    )
  }
  await replaceMasterKeysFile(path, json, changed, system)
  return { kid, writtenTo: path }
}

/** From a new key that is configured to everything being sealed under it. */
async function goOn({ store, serving }: KeyStore, configured: ConfiguredKeys, watcher: RotationWatcher) {
  const kid = configured.firstKeyId
  let { next } = await readStatus(store, configured, await serving())
  if (next.step === 'restart') {
    await waitOutSilent(store, next.nodes, watcher.onWait)
    next = (await readStatus(store, configured, await serving())).next
  }
  if (next.step === 'restart' || next.step === 'configure') throw new GuardRefusal(`Not yet. ${next.words}`)
  if (next.step !== 'reseal') return { kid, resealed: null, next }
  await admitFirst(store, configured)
  await retireOthers(store, kid)
  const { masterKeys } = configured
  const resealed = await reseal({ store, masterKeys, system, actor: localActor(), onProgress: watcher.onProgress })
  return { kid, resealed, next: (await readStatus(store, configured, await serving())).next }
}

async function admitFirst(store: Store, { masterKeys }: ConfiguredKeys): Promise<void> {
  const [first] = masterKeys
  await store.read.masterKeys.insert({ ...(await makeKeyCheck(first)), state: 'known' }, system.nowMs())
  // Again: a node may have been given another key of this name meanwhile.
  await verifyKeyChecks(masterKeys, await store.read.masterKeys.all())
  const { isAdmitted, lacking } = await admitMasterKey({ store, system, actor: localActor() }, first.kid)
  if (isAdmitted) return
  const nodes = lacking.map(({ nodeId }) => nodeId).join(', ')
  throw new GuardRefusal(`Not yet. These nodes lack ${first.kid}: ${nodes}`, 'restart them with it')
}

/** From here on nothing is sealed but under `kid`, by whichever node: what is left of the others only gets less. */
async function retireOthers(store: Store, kid: string): Promise<void> {
  await store.transaction(async (tx) => {
    await tx.epoch.lock()
    for (const other of await tx.masterKeys.all()) {
      if (other.kid === kid || other.state !== 'admitted') continue
      await tx.masterKeys.setState(other.kid, 'retired')
      const metadata = { kid: other.kid, successor: kid }
      await tx.audit.append(masterKeyEntry('master_key.retired', localActor(), metadata), system.nowMs())
    }
  })
}
