import { masterKeyEntry } from '../admit-master-key.ts'
import type { Settings } from '../config.ts'
import { verifyKeyChecks } from '../sealing/key-check.ts'
import { replaceMasterKeysFile, withoutKeys, writeMasterKeysTo } from '../sealing/master-keys-file.ts'
import type { Store } from '../storage/store.ts'
import { type ConfiguredKeys, configuredKeys } from './configured-keys.ts'
import { localActor } from './local-actor.ts'
import { localSystem as system } from './local-system.ts'
import { type KeyStatus, type MasterKeyStatus, readStatus } from './master-key-status.ts'
import { holdKeyStore } from './open-key-store.ts'
import { GuardRefusal } from './refusals.ts'
import type { RotationOptions } from './rotate-master-key.ts'

export interface Dropped {
  /** The key that is left. */
  readonly kid: string
  readonly dropped: readonly string[]
  /** Where the set without them was written; `null`: nowhere. */
  readonly writtenTo: string | null
  /** What is left to do, if anything. */
  readonly words: string | null
}

/**
 * Takes every key but the first out of the store and out of the file, once nothing is sealed under them. The store
 * first: a file that still has them does no harm, and one that lacks them ends the next start.
 *
 * @throws GuardRefusal while anything may need them
 */
export async function dropOldMasterKeys(settings: Settings, options: RotationOptions): Promise<Dropped> {
  const configured = await configuredKeys(settings)
  const { store, serving, close } = await holdKeyStore(settings)
  try {
    await verifyKeyChecks(configured.masterKeys, await store.read.masterKeys.all())
    const status = await readStatus(store, configured, await serving())
    const kid = configured.firstKeyId
    if (status.next.step === 'add') return { kid, dropped: [], writtenTo: null, words: null }
    assertNobodyNeedsThem(status)
    const dropped = status.keys.slice(1).map((key) => key.kid)
    await forget(store, status.keys.slice(1))
    return { kid, dropped, ...(await rewrite(configured, dropped, options)) }
  } finally {
    await close()
  }
}

/** Every sealed value is shown to be under the first key: one of which that is not known may be under any other. */
function assertNobodyNeedsThem({ keys: [first], underOtherKeys, next }: MasterKeyStatus): void {
  if (next.step !== 'drop') throw new GuardRefusal(`An old master key is still needed. ${next.words}`)
  if (underOtherKeys === 0) return
  throw new GuardRefusal(
    `${underOtherKeys} sealed values are neither under ${first?.kid} nor under any other key that is known here`,
    'they are damaged, or of another installation: nothing is dropped while they are there',
  )
}

/**
 * What was counted without a lock still holds: no key seals that is not admitted, and each of these is now what it was
 * before the count.
 */
async function forget(store: Store, old: readonly KeyStatus[]): Promise<void> {
  const counted = new Map(old.map(({ kid, state }) => [kid, state]))
  await store.transaction(async (tx) => {
    await tx.epoch.lock()
    const stored = (await tx.masterKeys.all()).filter(({ kid }) => counted.has(kid))
    for (const { kid, state } of stored) {
      if (state !== counted.get(kid)) throw new GuardRefusal(`The master key ${kid} was changed meanwhile`, 'try again')
      await tx.masterKeys.delete(kid)
      await tx.audit.append(masterKeyEntry('master_key.dropped', localActor(), { kid }), system.nowMs())
    }
  })
}

async function rewrite(
  { path, json, source, keyIds }: ConfiguredKeys,
  dropped: readonly string[],
  { out }: RotationOptions,
) {
  const configured = dropped.filter((kid) => keyIds.includes(kid))
  if (configured.length === 0) return { writtenTo: null, words: null }
  const changed = withoutKeys(json, configured)
  const elsewhere =
    'Every other node still has them in its set: take them out there, too, before its next start or later.'
  if (out !== undefined) {
    await writeMasterKeysTo(out, changed)
    return { writtenTo: out, words: `Have ${source} hold what is in ${out}. ${elsewhere}` }
  }
  if (path === null) return { writtenTo: null, words: `Take ${configured.join(', ')} out of ${source}. ${elsewhere}` }
  await replaceMasterKeysFile(path, json, changed, system)
  return { writtenTo: path, words: null }
}
