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

/** Of the shape of a key; that one is drawn like it takes 119 bits of luck. */
const nobodysKey: IntegratorKey = `int_${'0'.repeat(20)}`

/**
 * Keysets of single integrators. A key that is in memory already, and was loaded again only because its signature was
 * wrong, costs exactly what a key costs that nobody has, however many secrets it has: time does not tell them apart.
 */
export async function integratorKeysets(
  reader: IntegratorKeysetReader,
  sealer: MaterialSealer & MaterialOpener,
  system: System,
): Promise<KeysetSource<IntegratorKey, StoredIntegrator, HeldIntegrator>> {
  const decoyPlace = { use: 'integrator_secret', workspaceId: 'decoy', id: 'decoy' } as const
  // It never leaves this process.
  const anyKey = { sealingKeyId: async ([first = '']: readonly string[]) => first }
  const decoy = await sealer.sealMaterial(makeIntegratorSecret(system), decoyPlace, anyKey)
  return {
    read: (key, held) => reader.load(held ? nobodysKey : key),

    async open(_key, { integrator }, held) {
      if (!integrator) {
        await sealer.openMaterial(decoy, decoyPlace)
        return held ?? null
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
