import type { LeaseClock } from './lease-clock.ts'
import type { LeaseTiming } from './lease-timing.ts'
import { RequestLane, type Sending } from './request-lane.ts'
import type {
  AcknowledgeRequest,
  Batch,
  Grant,
  LeaveRequest,
  ReadChangesRequest,
  RegisterRequest,
  RenewRequest,
  StoreRequest,
} from './store-requests.ts'

/** What the node holds in memory and answers from. */
export interface Memory<Change> {
  /** Synchronous: once it returns, nothing is held any more that the change made out of date, nor will be by a load. */
  apply(change: Change): void
  /** Forgets everything and discards what is being loaded. */
  dropAll(): void
}

export interface NodeParts<Change> {
  readonly timing: LeaseTiming
  readonly clock: Pick<LeaseClock, 'nowMs'>
  readonly memory: Memory<Change>
  /** Random: never given twice, to any node. */
  newNodeId(): string
}

export type NodeStatus =
  | { readonly kind: 'joining' }
  | { readonly kind: 'member'; readonly nodeId: string }
  | { readonly kind: 'leaving' }
  | { readonly kind: 'left' }
  /** The store showed `found` after this node had known `known`: nothing is answered any more by this process. */
  | { readonly kind: 'store_went_back'; readonly known: number; readonly found: number }

interface Lease extends Grant {
  /** The lease clock, read before the lease was asked for. */
  readonly readingMs: number
}

interface Membership {
  readonly kind: 'member'
  readonly nodeId: string
  acknowledged: number
  renewAtMs: number
  lease: Lease | undefined
  /** Granted, and of no use before its epoch is applied: until then, or until it is over, no renewal is sent. */
  pending: Lease | undefined
}

const never = Number.POSITIVE_INFINITY

/**
 * The life of one node in the store's list of nodes: what it asks of the store and when, and whether it may answer from
 * memory. It sends nothing itself. Its driver sends what `requestsDue` returns, hands each outcome back, and calls
 * `requestsDue` again after that, after whatever else it told the node, and when `nextTurnMs` has passed.
 */
export class NodeProtocol<Change extends { readonly epoch: number }> {
  readonly #parts: NodeParts<Change>
  readonly #membership = new RequestLane()
  readonly #reads = new RequestLane()
  readonly #acknowledgements = new RequestLane()
  #state: Exclude<NodeStatus, { kind: 'member' }> | Membership = { kind: 'joining' }
  /** The last one given; its row may be there even when the registration was not answered. */
  #nodeId: string | undefined
  #applied = 0
  #known = 0
  #isPoked = false
  #shownTimeMs = Number.NEGATIVE_INFINITY

  constructor(parts: NodeParts<Change>) {
    this.#parts = parts
  }

  /** Whether memory may be answered from, now: to be asked in the same synchronous stretch that uses the memory. */
  isHeld(): boolean {
    return this.#state.kind === 'member' && this.#isUsable(this.#state.lease)
  }

  /** On the lease clock: for so long memory may still be answered from without another renewal; 0: it may not be. */
  leaseLeftMs(): number {
    if (this.#state.kind !== 'member' || !this.#state.lease) return 0
    const { readingMs } = this.#state.lease
    return Math.max(0, readingMs + this.#parts.timing.usableMs - this.#parts.clock.nowMs())
  }

  /** The epoch up to which memory holds nothing that is out of date. */
  get applied(): number {
    return this.#applied
  }

  get status(): NodeStatus {
    return this.#state.kind === 'member' ? { kind: 'member', nodeId: this.#state.nodeId } : this.#state
  }

  /**
   * The store's clock, Unix milliseconds, as well as this node knows it; only while the lease is held. For a lease of
   * age x, granted within a round trip r, it is late by at most 2ρ / (1 − ρ) · x, and early by at most r plus as much:
   * what ends is refused early rather than late. It never goes back, so what was refused stays so, even when the
   * store's own clock was set back. A wall clock set forward by less than the rest of a lease puts it early by that,
   * until the store's time has come after.
   */
  storeTimeMs(): number {
    if (this.#state.kind !== 'member' || !this.#state.lease) throw new Error('a node without a lease has no store time')
    const { storeTimeMs, readingMs } = this.#state.lease
    const ageMs = Math.min(this.#parts.clock.nowMs() - readingMs, this.#parts.timing.usableMs)
    this.#shownTimeMs = Math.max(this.#shownTimeMs, storeTimeMs + ageMs)
    return this.#shownTimeMs
  }

  /** Something changed in the store, perhaps: the node looks. It would find out by its next renewal, too. */
  poke(): void {
    this.#isPoked = true
  }

  /** `epoch` is known to be committed: the node reads until it is applied. */
  reach(epoch: number): void {
    this.#known = Math.max(this.#known, epoch)
  }

  /** Ends the lease at once; the row is deleted when no registration or renewal is under way any more. */
  leave(): void {
    if (this.#state.kind !== 'left') this.#state = { kind: this.#nodeId === undefined ? 'left' : 'leaving' }
  }

  /**
   * What is to be sent now. Each request must come back, once, by the method of its kind or by `failed`, after a time
   * limit if by nothing else: until then no other of its lane follows.
   */
  requestsDue(): StoreRequest[] {
    // Read before anything is sent: a lease counts from here.
    const sending = { readingMs: this.#parts.clock.nowMs(), known: this.#known }
    const due: StoreRequest[] = []
    if (this.#membershipDueMs() <= sending.readingMs) due.push(this.#membership.send(this.#askMembership(), sending))
    const { nodeId } = this.#member ?? {}
    if (nodeId === undefined) return due
    if (this.#readDueMs() <= sending.readingMs) due.push(this.#reads.send(this.#askChanges(), sending))
    if (this.#acknowledgementDueMs() <= sending.readingMs) {
      due.push(this.#acknowledgements.send({ kind: 'acknowledge', nodeId, epoch: this.#applied }, sending))
    }
    return due
  }

  /** How long, on the lease clock, until something is due without being told; `Infinity`: only when told. */
  nextTurnMs(): number {
    const dueMs = Math.min(this.#membershipDueMs(), this.#readDueMs(), this.#acknowledgementDueMs())
    return Math.max(0, dueMs - this.#parts.clock.nowMs())
  }

  /** Memory starts empty at the epoch of the registration: nothing was followed before. */
  registered(request: RegisterRequest, grant: Grant): void {
    const sending = this.#membership.settle(request)
    if (!sending || this.#state.kind !== 'joining' || this.#wentBack(sending, grant.epoch)) return
    this.#parts.memory.dropAll()
    this.#applied = grant.epoch
    const { nodeId } = request
    this.#state = {
      kind: 'member',
      nodeId,
      acknowledged: grant.epoch,
      renewAtMs: 0,
      lease: undefined,
      pending: undefined,
    }
    this.#granted(this.#state, sending, grant)
  }

  /** `null`: there is no such row, or it is fenced. */
  renewed(request: RenewRequest, grant: Grant | null): void {
    const sending = this.#membership.settle(request)
    const member = this.#member
    if (!sending || !member) return
    if (!grant) {
      this.#state = { kind: 'joining' }
      this.#parts.memory.dropAll()
      return
    }
    if (this.#wentBack(sending, grant.epoch)) return
    member.acknowledged = Math.max(member.acknowledged, request.applied)
    this.#granted(member, sending, grant)
  }

  changesRead(request: ReadChangesRequest, { current, changes }: Batch<Change>): void {
    const sending = this.#reads.settle(request)
    if (!sending || !this.#member || this.#wentBack(sending, current)) return
    // Asked before this registration, which began at a later epoch.
    if (request.since !== this.#applied) return
    if (isGapless(request.since, current, changes)) for (const change of changes) this.#parts.memory.apply(change)
    else this.#parts.memory.dropAll()
    this.#applied = current
    this.reach(current)
    this.#takeUpLease(this.#member)
  }

  acknowledged(request: AcknowledgeRequest): void {
    const member = this.#member
    // One of an earlier registration is no higher than the epoch of this one.
    if (this.#acknowledgements.settle(request) && member) {
      member.acknowledged = Math.max(member.acknowledged, request.epoch)
    }
  }

  left(request: LeaveRequest): void {
    if (this.#membership.settle(request)) this.#state = { kind: 'left' }
  }

  /** Whether the store has done it or not, or does so later. */
  failed(request: StoreRequest): void {
    const retryAtMs = this.#parts.clock.nowMs() + this.#parts.timing.retryAfterMs
    for (const lane of [this.#membership, this.#reads, this.#acknowledgements]) lane.fail(request, retryAtMs)
    if (request.kind === 'read_changes') this.#isPoked = true
  }

  get #member(): Membership | undefined {
    return this.#state.kind === 'member' ? this.#state : undefined
  }

  #isUsable(lease: Lease | undefined): boolean {
    return lease !== undefined && this.#parts.clock.nowMs() < lease.readingMs + this.#parts.timing.usableMs
  }

  #membershipDueMs(): number {
    if (this.#state.kind === 'left' || this.#state.kind === 'store_went_back') return never
    if (this.#state.kind !== 'member') return this.#membership.freeAtMs
    const { pending, renewAtMs } = this.#state
    return Math.max(this.#membership.freeAtMs, pending ? pending.readingMs + this.#parts.timing.usableMs : renewAtMs)
  }

  #readDueMs(): number {
    return this.#member && (this.#isPoked || this.#applied < this.#known) ? this.#reads.freeAtMs : never
  }

  #acknowledgementDueMs(): number {
    return this.#member && this.#member.acknowledged < this.#applied ? this.#acknowledgements.freeAtMs : never
  }

  #askMembership(): RegisterRequest | RenewRequest | LeaveRequest {
    if (this.#state.kind === 'member') return { kind: 'renew', nodeId: this.#state.nodeId, applied: this.#applied }
    if (this.#state.kind === 'leaving' && this.#nodeId !== undefined) return { kind: 'leave', nodeId: this.#nodeId }
    this.#nodeId = this.#parts.newNodeId()
    return { kind: 'register', nodeId: this.#nodeId }
  }

  #askChanges(): ReadChangesRequest {
    this.#isPoked = false
    return { kind: 'read_changes', since: this.#applied }
  }

  #granted(member: Membership, { readingMs }: Sending, grant: Grant): void {
    member.renewAtMs = readingMs + this.#parts.timing.renewEveryMs
    member.pending = { ...grant, readingMs }
    this.reach(grant.epoch)
    this.#takeUpLease(member)
  }

  #takeUpLease(member: Membership): void {
    if (!member.pending || member.pending.epoch > this.#applied) return
    member.lease = member.pending
    member.pending = undefined
  }

  #wentBack({ known }: Sending, found: number): boolean {
    if (found >= known) return false
    this.#state = { kind: 'store_went_back', known, found }
    this.#parts.memory.dropAll()
    return true
  }
}

function isGapless(since: number, current: number, changes: readonly { readonly epoch: number }[]): boolean {
  return changes.length === current - since && changes.every(({ epoch }, index) => epoch === since + index + 1)
}
