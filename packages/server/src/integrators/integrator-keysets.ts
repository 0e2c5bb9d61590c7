import type { Keyset } from '@cutover/signing'
import type { KeysetCache, KeysetSource } from '../signing-secrets/keyset-cache.ts'
import type { MaterialOpener, MaterialSealer } from '../signing-secrets/ports.ts'
import { TimedKeyset } from '../signing-secrets/timed-keyset.ts'
import type { System } from '../system.ts'
import {
  type Integrator,
  type IntegratorKey,
  type IntegratorSecret,
  isCurrent,
  makeIntegratorSecret,
} from './integrator.ts'
import type { IntegratorKeysetReader, StoredIntegrator } from './ports.ts'

/** An integrator in memory, with all that verifies it. */
export class HeldIntegrator {
  readonly integrator: Integrator
  /** The current secret first. */
  readonly secrets: readonly IntegratorSecret[]
  readonly #keyset: TimedKeyset<IntegratorSecret>

  constructor(integrator: Integrator, secrets: readonly (IntegratorSecret & { readonly material: string })[]) {
    this.integrator = integrator
    const opened = secrets.map(({ material, ...told }) => ({ told, material }))
    this.secrets = opened.map(({ told }) => told).sort((a, b) => Number(isCurrent(b)) - Number(isCurrent(a)))
    this.#keyset = new TimedKeyset(opened)
  }

  /** The secrets that are accepted at `nowMs`. */
  acceptedAt(nowMs: number): Keyset<IntegratorSecret> {
    return this.#keyset.acceptedAt(nowMs)
  }
}

export type IntegratorKeysets = KeysetCache<IntegratorKey, StoredIntegrator, HeldIntegrator>

/**
 * Keysets of single integrators. A key that nobody has costs as much to look up as one that somebody has: something is
 * opened either way.
 */
export async function integratorKeysets(
  reader: IntegratorKeysetReader,
  sealer: MaterialSealer & MaterialOpener,
  system: System,
): Promise<KeysetSource<IntegratorKey, StoredIntegrator, HeldIntegrator>> {
  const decoyPlace = { use: 'integrator_secret', workspaceId: 'decoy', id: 'decoy' } as const
  const decoy = await sealer.sealMaterial(makeIntegratorSecret(system), decoyPlace)
  return {
    read: (key) => reader.load(key),

    async open(_key, { integrator }) {
      if (!integrator) {
        await sealer.openMaterial(decoy, decoyPlace)
        return null
      }
      const { secrets, ...rest } = integrator
      const opened = await Promise.all(
        secrets.map(async ({ sealed, ...secret }) => ({
          ...secret,
          material: await sealer.openMaterial(sealed, {
            use: 'integrator_secret',
            workspaceId: rest.workspaceId,
            id: secret.id,
          }),
        })),
      )
      return new HeldIntegrator(rest, opened)
    },

    outdatedBy({ part, subject }) {
      if (part === 'workspace_deleted') return 'all'
      // Sound: changes of this part name the key of an integrator.
      return part === 'integrator' ? (subject as IntegratorKey) : null
    },
  }
}
