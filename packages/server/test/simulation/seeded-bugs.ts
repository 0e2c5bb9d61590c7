import { Barrier, type Look, type SilentNode } from '../../src/cluster/barrier.ts'
import { leaseTiming } from '../../src/cluster/lease-timing.ts'
import { type NodeParts, NodeProtocol } from '../../src/cluster/node-protocol.ts'
import type { Batch, Grant, ReadChangesRequest, RenewRequest, StoreRequest } from '../../src/cluster/store-requests.ts'
import { VersionedLoads } from '../../src/cluster/versioned-loads.ts'
import { type Parts, productParts } from './parts.ts'
import { type Loaded, type SimulatedChange, SimulatedStore, type Snapshot } from './simulated-store.ts'

const { timing } = productParts

class NoWait extends Barrier {
  override look(): Look {
    return { passed: 'acknowledged', fence: [], nextLookMs: null }
  }
}

class LeaseFromReply extends NodeProtocol<SimulatedChange> {
  readonly #clock: NodeParts<SimulatedChange>['clock']
  #heardMs = Number.NEGATIVE_INFINITY

  constructor(parts: NodeParts<SimulatedChange>) {
    super(parts)
    this.#clock = parts.clock
  }

  override renewed(request: RenewRequest, grant: Grant | null): void {
    super.renewed(request, grant)
    if (grant && grant.epoch <= this.applied) this.#heardMs = this.#clock.nowMs()
  }

  override isHeld(): boolean {
    return super.isHeld() || (this.status.kind === 'member' && this.#clock.nowMs() < this.#heardMs + timing.usableMs)
  }
}

class LeaseBeforeItsEpoch extends NodeProtocol<SimulatedChange> {
  readonly #clock: NodeParts<SimulatedChange>['clock']
  readonly #askedMs = new WeakMap<StoreRequest, number>()
  #readingMs = Number.NEGATIVE_INFINITY

  constructor(parts: NodeParts<SimulatedChange>) {
    super(parts)
    this.#clock = parts.clock
  }

  override requestsDue(): StoreRequest[] {
    const readingMs = this.#clock.nowMs()
    const due = super.requestsDue()
    for (const request of due) this.#askedMs.set(request, readingMs)
    return due
  }

  override renewed(request: RenewRequest, grant: Grant | null): void {
    super.renewed(request, grant)
    if (grant) this.#readingMs = Math.max(this.#readingMs, this.#askedMs.get(request) ?? 0)
  }

  override isHeld(): boolean {
    if (super.isHeld()) return true
    return this.status.kind === 'member' && this.#clock.nowMs() < this.#readingMs + timing.usableMs
  }
}

class GapUnnoticed extends NodeProtocol<SimulatedChange> {
  override changesRead(request: ReadChangesRequest, { current, changes }: Batch<SimulatedChange>): void {
    const kept = new Map(changes.map((change) => [change.epoch, change]))
    const filled = Array.from({ length: Math.max(0, current - request.since) }, (_, index) => {
      const epoch = request.since + index + 1
      return kept.get(epoch) ?? { epoch, workspace: -1 }
    })
    super.changesRead(request, { current, changes: filled })
  }
}

class JoinWithoutLock extends SimulatedStore {
  override register(nodeId: string, answer: (grant: Grant) => void): void {
    const { epoch } = this.current
    this.schedule.after(this.random.between(0, 60), () => answer(this.insertNode(nodeId, epoch)))
  }
}

class MislabelledLoad extends SimulatedStore {
  override load(workspace: number, snapshot: Snapshot): Loaded {
    return { ...super.load(workspace, snapshot), epoch: this.current.epoch }
  }
}

class FenceWithoutGuard extends SimulatedStore {
  override fence({ nodeId }: SilentNode): boolean {
    const row = this.rows.get(nodeId)
    return row !== undefined && super.fence(row)
  }
}

class OvertakenLoadKept extends VersionedLoads {
  override changed(): void {}
}

function replacing(replaced: Partial<Parts>): Parts {
  return { ...productParts, ...replaced }
}

export const seededBugs = {
  'no wait': replacing({ barrier: (...of) => new NoWait(...of) }),
  'a lease timed from the reply': replacing({ node: (parts) => new LeaseFromReply(parts) }),
  'an acknowledgement before the cache is purged': replacing({
    memory: (memory, schedule) => ({
      apply: (change) => schedule.after(5, () => memory.apply(change)),
      dropAll: () => memory.dropAll(),
    }),
  }),
  'a join without the epoch lock': replacing({ store: (...of) => new JoinWithoutLock(...of) }),
  'a load labelled with a later epoch': replacing({ store: (...of) => new MislabelledLoad(...of) }),
  'a gap in the feed applied as if there were none': replacing({ node: (parts) => new GapUnnoticed(parts) }),
  'a lease used before its epoch is applied': replacing({ node: (parts) => new LeaseBeforeItsEpoch(parts) }),
  'a wait that trusts clock rates': replacing({ timing: { ...timing, waitMs: leaseTiming(1000).usableMs } }),
  'a wait on the lease clock': replacing({ barrierClockMs: ({ leaseClock }) => leaseClock.nowMs() }),
  'a lease on the monotonic clock alone': replacing({
    leaseClock: (clocks) => ({ nowMs: () => clocks.monotonicMs() }),
  }),
  'an overtaken load kept': replacing({ loads: () => new OvertakenLoadKept() }),
  'a fence without its guard': replacing({ store: (...of) => new FenceWithoutGuard(...of) }),
} satisfies Record<string, Parts>
