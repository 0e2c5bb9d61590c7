import type { AuditReader } from '../audit/ports.ts'
import { leaseTiming } from './lease-timing.ts'
import type { ChangeReader, ListedNode, NodeFacts, NodeStore } from './ports.ts'

interface OwnRow extends NodeFacts {
  readonly nodeId: string
  readonly startedAtMs: number
  renewals: number
  applied: number
  renewedAtMs: number
}

export interface SoleStore {
  readonly epoch: ChangeReader
  readonly audit: Pick<AuditReader, 'head'>
}

/**
 * The list of nodes where there can be only one: a lock that dies with its holder keeps every other process away from
 * the store. Nothing has to be written to hold a lease, so that a full disk does not end it.
 */
export function soleNodeStore({ epoch, audit }: SoleStore, nowMs: () => number): NodeStore {
  let own: OwnRow | null = null
  const grant = async () => {
    const { current } = await epoch.since(Number.MAX_SAFE_INTEGER)
    return { epoch: current, storeTimeMs: nowMs() }
  }

  return {
    async register({ upMs, ...registration }) {
      const granted = await grant()
      const { epoch: applied, storeTimeMs } = granted
      const startedAtMs = storeTimeMs - Math.round(upMs)
      own = { ...registration, startedAtMs, renewals: 0, applied, renewedAtMs: storeTimeMs }
      const chain = 'instance'
      const { size, hash } = await audit.head(chain)
      return { ...granted, newest: { chain, sequence: size, hash } }
    },
    async renew(nodeId, applied) {
      if (own?.nodeId !== nodeId) return null
      const granted = await grant()
      own = { ...own, renewals: own.renewals + 1, applied, renewedAtMs: granted.storeTimeMs }
      return granted
    },
    async acknowledge(nodeId, epoch) {
      if (own?.nodeId === nodeId) own.applied = Math.max(own.applied, epoch)
    },
    async leave() {
      own = null
    },
    rows: async () => (own ? [{ ...own, fenced: false }] : []),
    async list(): Promise<ListedNode[]> {
      if (!own) return []
      const { renewedAtMs, ...node } = own
      const leaseLeftMs = Math.max(0, renewedAtMs + node.leaseMs - nowMs())
      const outwaitedInMs = renewedAtMs + leaseTiming(node.leaseMs).waitMs - nowMs()
      return [{ ...node, fenced: false, leaseLeftMs, outwaitedInMs }]
    },
    async fence() {},
  }
}
