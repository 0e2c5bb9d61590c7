import { randomId } from './base62.ts'
import { missingKey } from './sealing/key-check.ts'
import { StartupRefusal } from './startup-refusal.ts'
import type { Store } from './storage/store.ts'
import type { System } from './system.ts'
import { version } from './version.ts'

/** What is told of nodes that never renew: they are there for as long as the lock on the data directory is held. */
const withoutLease = 0

export interface TakingOver {
  readonly store: Store
  readonly system: System
  /** Of a process that serves by itself; `null`: others will, each as a node of its own. */
  readonly keyIds: readonly string[] | null
}

/**
 * For whoever has proven that no other process can be on the store: what other ones were is over. What they verified
 * last, they have told, or nobody will know. A process that serves alone takes no part in the list of nodes and only
 * stands in it, so that commands on this machine see which master keys it has.
 *
 * @returns takes it off the list again
 */
export async function takeOver({ store, system, keyIds }: TakingOver): Promise<() => Promise<void>> {
  const nodeId = randomId('node', system)
  await store.transaction(async (tx) => {
    await tx.nodes.fenceAll()
    await tx.usage.markAllEnded(system.nowMs())
    if (keyIds === null) return
    const upMs = performance.now()
    const registered = await tx.nodes.register({ nodeId, version, keyIds, upMs, leaseMs: withoutLease }, null)
    if (registered !== 'diverged' && 'missingKeyIds' in registered) {
      throw new StartupRefusal(registered.missingKeyIds.map(missingKey).join('; '))
    }
  })
  return async () => {
    if (keyIds !== null) await store.transaction((tx) => tx.nodes.leave(nodeId)).catch(() => {})
  }
}
