import type { Random } from '../../../../test-support/random.ts'
import { Barrier, type OwnNode } from '../../src/cluster/barrier.ts'
import { type Clocks, LeaseClock } from '../../src/cluster/lease-clock.ts'
import { type LeaseTiming, leaseTiming } from '../../src/cluster/lease-timing.ts'
import { type Memory, type NodeParts, NodeProtocol } from '../../src/cluster/node-protocol.ts'
import { VersionedLoads } from '../../src/cluster/versioned-loads.ts'
import type { NodeProcess } from './node-process.ts'
import type { Schedule } from './schedule.ts'
import { type SimulatedChange, SimulatedStore, type Snapshot } from './simulated-store.ts'

/** All that can be replaced by something wrong, to see that it is found. */
export interface Parts {
  readonly timing: LeaseTiming
  leaseClock(clocks: Clocks): Pick<LeaseClock, 'nowMs'>
  node(parts: NodeParts<SimulatedChange>): NodeProtocol<SimulatedChange>
  barrier(timing: LeaseTiming, epoch: number, committedAtMs: number): Barrier
  barrierClockMs(process: NodeProcess): number
  ownNode(process: NodeProcess): OwnNode | null
  loads(): VersionedLoads
  memory(memory: Memory<SimulatedChange>, schedule: Schedule): Memory<SimulatedChange>
  store(schedule: Schedule, random: Random, keysets: Snapshot['keysets']): SimulatedStore
}

export const productParts: Parts = {
  timing: leaseTiming(1000),
  leaseClock: (clocks) => new LeaseClock(clocks),
  node: (parts) => new NodeProtocol(parts),
  barrier: (timing, epoch, committedAtMs) => new Barrier(timing, epoch, committedAtMs),
  barrierClockMs: (process) => process.machine.clocks.monotonicMs(),
  ownNode: ({ node }) => (node.status.kind === 'member' ? { nodeId: node.status.nodeId, applied: node.applied } : null),
  loads: () => new VersionedLoads(),
  memory: (memory) => memory,
  store: (schedule, random, keysets) => new SimulatedStore(schedule, random, keysets),
}
