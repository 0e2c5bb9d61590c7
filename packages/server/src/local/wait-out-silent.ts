import { setTimeout as pause } from 'node:timers/promises'
import { leaseTiming } from '../cluster/lease-timing.ts'
import type { Store } from '../storage/store.ts'
import { isSilent } from './master-key-status.ts'

/**
 * Takes nodes off the list that have died. As a change does: a row that shows no renewal for so long, on this process's
 * own clock, is of a node without a lease, and the guard on its renewals spares one that came back at the last moment.
 *
 * @param onWait - told before it takes as long as that
 */
export async function waitOutSilent(
  store: Store,
  nodeIds: readonly string[],
  onWait: (ms: number) => void,
): Promise<void> {
  const silent = (await store.read.nodes.list()).filter((node) => nodeIds.includes(node.nodeId) && isSilent(node))
  if (silent.length === 0) return
  const waitMs = Math.max(...silent.map(({ leaseMs }) => leaseTiming(leaseMs).waitMs))
  onWait(waitMs)
  await pause(waitMs)
  await store.transaction(async (tx) => {
    for (const { nodeId, renewals } of silent) await tx.nodes.fence({ nodeId, renewals })
  })
}
