import type { MasterKeyState } from '../signing-secrets/ports.ts'
import { type MasterKey, MasterKeyError, type MasterKeys, shown } from './master-keys.ts'
import { createSealer, type SealBinding, SealError } from './sealer.ts'

/** Proof that a store was sealed with the key of this `kid`, and not with another of that name. */
export interface KeyCheck {
  readonly kid: string
  readonly checkValue: string
}

export interface StoredKeyCheck extends KeyCheck {
  readonly state: MasterKeyState
}

const constant = 'cutover master key check'

/** What the store keeps of a key before anything is sealed by it. */
export async function makeKeyCheck(masterKey: MasterKey): Promise<KeyCheck> {
  return { kid: masterKey.kid, checkValue: await createSealer([masterKey]).seal(constant, bindingOf(masterKey.kid)) }
}

/**
 * Holds the configured keys against a store, before anything is written to it: every key that may have sealed
 * something in it must be there, and each that it knows must be the same one.
 * @returns the keys that this store has no check value of yet
 * @throws MasterKeyError, which names the kid
 */
export async function verifyKeyChecks(
  masterKeys: MasterKeys,
  storedChecks: readonly StoredKeyCheck[],
): Promise<readonly MasterKey[]> {
  for (const check of storedChecks) await verifyKeyCheck(masterKeys, check)
  const known = new Set(storedChecks.map(({ kid }) => kid))
  return masterKeys.filter(({ kid }) => !known.has(kid))
}

async function verifyKeyCheck(masterKeys: MasterKeys, { kid, checkValue, state }: StoredKeyCheck): Promise<void> {
  const masterKey = masterKeys.find((each) => each.kid === kid)
  if (masterKey === undefined) {
    // Nothing is sealed under it yet, and nothing is while a node lacks it.
    if (state === 'known') return
    throw new MasterKeyError(missingKey(kid))
  }
  if (!(await opens(checkValue, masterKey))) {
    throw new MasterKeyError(
      `The configured master key ${shown(kid)} is not the one of that name that this store was sealed with: configure that one`,
    )
  }
}

export function missingKey(kid: string): string {
  return `This store was sealed with master key ${shown(kid)}, which is not configured: add it again`
}

async function opens(checkValue: string, masterKey: MasterKey): Promise<boolean> {
  try {
    return (await createSealer([masterKey]).open(checkValue, bindingOf(masterKey.kid))) === constant
  } catch (error) {
    if (error instanceof SealError) return false
    throw error
  }
}

/** A key belongs to the whole installation: no workspace's id is this word. */
function bindingOf(kid: string): SealBinding {
  return { workspaceId: 'instance', subjectId: kid, use: 'master_key_check' }
}
