import { setTimeout as pause } from 'node:timers/promises'
import { DomainError } from '../domain-error.ts'
import { Barrier as EpochBarrier, type SilentNode } from './barrier.ts'
import type { Clocks } from './lease-clock.ts'
import { LeaseClock } from './lease-clock.ts'
import { leaseTiming } from './lease-timing.ts'
import { NodeProtocol } from './node-protocol.ts'
import type {
  AuditPlace,
  Barrier,
  Cache,
  ChangeReader,
  Lease,
  LeasedRow,
  NodeFacts,
  NodeStore,
  RecordedChange,
  RevocationMark,
} from './ports.ts'
import { SharedReads } from './shared-reads.ts'
import type { StoreRequest } from './store-requests.ts'

/** What this node knew, and what it found in its place. */
export type StoreWentBack =
  | { readonly known: number; readonly found: number }
  | { readonly missing: AuditPlace; readonly found: null }

export interface ClusterNodePorts {
  readonly nodes: NodeStore
  readonly changes: ChangeReader
  readonly caches: readonly Cache[]
  readonly clocks: Clocks
  readonly facts: NodeFacts
  newNodeId(): string
  /** That there is no lease (any more), with what the store last failed with, or that it is held again. */
  onLease(isHeld: boolean, error: unknown): void
  /** The newest of some changes that this node has read, whoever made them. */
  onChange(mark: RevocationMark): void
  /** Told once: from then on this process answers nothing, until it is started anew. */
  onStoreWentBack(why: StoreWentBack): void
  /** Told once, as above: others seal with master keys that this process lacks. */
  onKeysMissing(keyIds: readonly string[]): void
}

/**
 * This process as one of the nodes of a store: sends what the protocol asks for, hands it the outcomes, and holds each
 * change back until its barrier has passed.
 */
export class ClusterNode implements Lease, Barrier {
  readonly #ports: ClusterNodePorts
  readonly #protocol: NodeProtocol<RecordedChange>
  /** The newest entry that this node knows to be in the store. */
  #known: AuditPlace | null = null
  #missing: AuditPlace | null = null
  #missingKeyIds: readonly string[] = []
  #hasTold = false
  #toldHeld: boolean | null = null
  #failure: unknown
  readonly #rows: SharedReads<readonly LeasedRow[]>
  #longestLeaseMs: number
  #timer: NodeJS.Timeout | undefined
  readonly #waiting = new Set<() => void>()

  constructor(ports: ClusterNodePorts) {
    this.#ports = ports
    this.#longestLeaseMs = ports.facts.leaseMs
    this.#rows = new SharedReads(() => ports.nodes.rows())
    this.#protocol = new NodeProtocol<RecordedChange>({
      timing: leaseTiming(ports.facts.leaseMs),
      clock: new LeaseClock(ports.clocks),
      memory: {
        apply: (change) => this.#apply(change),
        dropAll: () => this.dropAll(),
      },
      newNodeId: ports.newNodeId,
    })
  }

  isHeld(): boolean {
    return this.#missing === null && this.#protocol.isHeld()
  }

  /** How long the lease is still good if it is not renewed; 0: it is not held. */
  leaseLeftMs(): number {
    return this.#missing !== null ? 0 : this.#protocol.leaseLeftMs()
  }

  /** The epoch up to which this node's memory holds nothing that is out of date. */
  get applied(): number {
    return this.#protocol.applied
  }

  /** Under which it is on the list now; `null`: it is not. */
  get nodeId(): string | null {
    const { status } = this.#protocol
    return status.kind === 'member' ? status.nodeId : null
  }

  /** The store's clock, whole Unix milliseconds; `null` while there is no lease. */
  storeTimeMs(): number | null {
    return this.#protocol.isHeld() ? Math.floor(this.#protocol.storeTimeMs()) : null
  }

  /** Of master keys without which this process may not take part. */
  get missingKeyIds(): readonly string[] {
    return this.#missingKeyIds
  }

  /** Begins to take part; resolves when the lease is held, or after `timeoutMs` without one. */
  async join(timeoutMs: number): Promise<void> {
    const giveUpAtMs = this.#ports.clocks.monotonicMs() + timeoutMs
    this.#turn()
    while (!this.isHeld() && !this.#isLost() && this.#ports.clocks.monotonicMs() < giveUpAtMs) {
      await this.#progress(giveUpAtMs)
    }
    this.#toldHeld = this.isHeld()
    if (!this.#toldHeld && !this.#isLost()) this.#ports.onLease(false, this.#failure)
  }

  /** The store has changed, perhaps. */
  poke(): void {
    this.#protocol.poke()
    this.#turn()
  }

  /** Resolves once everything up to `epoch` is applied here; other nodes may not have. */
  async reach(epoch: number): Promise<void> {
    this.#protocol.reach(epoch)
    this.#turn()
    while (this.applied < epoch && !this.#isLost()) await this.#progress(Number.POSITIVE_INFINITY)
  }

  /** Rejects when the store turned out to have gone back meanwhile: the change may not be in it. */
  async passed(epoch: number): Promise<void> {
    const { clocks } = this.#ports
    const committedAtMs = clocks.monotonicMs()
    let leaseMs = this.#longestLeaseMs
    let barrier = new EpochBarrier(leaseTiming(leaseMs), epoch, committedAtMs)
    this.#protocol.reach(epoch)
    this.#turn()
    for (;;) {
      if (this.applied < epoch) await this.#progress(clocks.monotonicMs() + 1)
      const rows = await this.#readRows()
      // One node may have been given another length than the others.
      if (this.#longestLeaseMs > leaseMs) {
        leaseMs = this.#longestLeaseMs
        barrier = new EpochBarrier(leaseTiming(leaseMs), epoch, committedAtMs)
      }
      const look = this.#look(barrier, rows)
      await this.#fence(look.fence)
      if (this.#isLost()) throw new DomainError('store_unavailable')
      if (look.passed !== 'no') {
        if (look.nextLookMs !== null) void this.#fenceLater(barrier, look.nextLookMs)
        return
      }
      await pause(Math.ceil(Math.max(0, (look.nextLookMs ?? 0) - clocks.monotonicMs())))
    }
  }

  /** Forgets everything held in memory; what is asked for next is loaded anew. */
  dropAll(): void {
    for (const cache of this.#ports.caches) cache.dropAll()
  }

  /** Ends the lease and takes this node off the list; what the store does not answer in `timeoutMs` is left to time. */
  async leave(timeoutMs: number): Promise<void> {
    const giveUpAtMs = this.#ports.clocks.monotonicMs() + timeoutMs
    this.#protocol.leave()
    this.#turn()
    while (this.#protocol.status.kind === 'leaving' && this.#ports.clocks.monotonicMs() < giveUpAtMs) {
      await this.#progress(giveUpAtMs)
    }
    clearTimeout(this.#timer)
  }

  #apply(change: RecordedChange): void {
    for (const cache of this.#ports.caches) cache.apply(change)
    this.#known = change.audit ?? this.#known
  }

  #turn(): void {
    clearTimeout(this.#timer)
    for (const request of this.#protocol.requestsDue()) void this.#send(request)
    this.#tell()
    const nextMs = this.#protocol.nextTurnMs()
    // A timer that has nothing to do but this must not keep a process that wants to end.
    if (Number.isFinite(nextMs)) this.#timer = setTimeout(() => this.#turn(), Math.ceil(nextMs)).unref()
  }

  async #send(request: StoreRequest): Promise<void> {
    try {
      await this.#exchange(request)
    } catch (error) {
      this.#failure = error
      this.#protocol.failed(request)
    }
    this.#turn()
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const resume of waiting) resume()
  }

  async #exchange(request: StoreRequest): Promise<void> {
    const { nodes, changes, facts } = this.#ports
    switch (request.kind) {
      case 'register': {
        const upMs = this.#ports.clocks.monotonicMs()
        const registered = await nodes.register({ ...facts, nodeId: request.nodeId, upMs }, this.#known)
        if (registered === 'diverged') return this.#diverge(request)
        if ('missingKeyIds' in registered) return this.#lack(registered.missingKeyIds, request)
        this.#known ??= registered.newest
        return this.#protocol.registered(request, registered)
      }
      case 'renew': {
        const grant = await nodes.renew(request.nodeId, request.applied, this.#known)
        if (grant === 'diverged') return this.#diverge(request)
        return this.#protocol.renewed(request, grant)
      }
      case 'read_changes': {
        const batch = await changes.follow(request.since, this.#known)
        if (batch === 'diverged') return this.#diverge(request)
        this.#protocol.changesRead(request, batch)
        return this.#tellChange(batch.changes.at(-1))
      }
      case 'acknowledge':
        await nodes.acknowledge(request.nodeId, request.epoch)
        return this.#protocol.acknowledged(request)
      case 'leave':
        await nodes.leave(request.nodeId)
        return this.#protocol.left(request)
    }
  }

  /** The store is another one than it was: its changes and its epochs mean nothing here. */
  #diverge(request: StoreRequest): void {
    this.#missing = this.#known
    this.#protocol.failed(request)
    this.#protocol.leave()
  }

  /** Without them it could not open what it is asked about. */
  #lack(keyIds: readonly string[], request: StoreRequest): void {
    this.#missingKeyIds = keyIds
    this.#protocol.failed(request)
    this.#protocol.leave()
  }

  #isLost(): boolean {
    return this.#missing !== null || this.#missingKeyIds.length > 0 || this.#protocol.status.kind === 'store_went_back'
  }

  /** Resolves when an exchange with the store has ended, or at `untilMs` on the monotonic clock. */
  async #progress(untilMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.add(resolve)
    const leftMs = untilMs - this.#ports.clocks.monotonicMs()
    const timer = Number.isFinite(leftMs) ? setTimeout(resolve, Math.max(0, leftMs)) : undefined
    await promise
    clearTimeout(timer)
    this.#waiting.delete(resolve)
  }

  /** A snapshot from after this was called; `null`: it could not be read. */
  async #readRows(): Promise<readonly LeasedRow[] | null> {
    try {
      const rows = await this.#rows.read()
      this.#longestLeaseMs = Math.max(this.#ports.facts.leaseMs, ...rows.map(({ leaseMs }) => leaseMs))
      return rows
    } catch {
      return null
    }
  }

  #look(barrier: EpochBarrier, rows: readonly LeasedRow[] | null) {
    const { status, applied } = this.#protocol
    const own = status.kind === 'member' ? { nodeId: status.nodeId, applied } : null
    return barrier.look(rows, this.#ports.clocks.monotonicMs(), own)
  }

  async #fence(silent: readonly SilentNode[]): Promise<void> {
    // What could not be fenced now is waited for once more, by the next change.
    for (const node of silent) await this.#ports.nodes.fence(node).catch(() => {})
  }

  /** Until there is nothing left to wait for: a timer may come a little early. */
  async #fenceLater(barrier: EpochBarrier, firstAtMs: number): Promise<void> {
    for (let atMs: number | null = firstAtMs; atMs !== null; ) {
      const leftMs = Math.max(0, atMs - this.#ports.clocks.monotonicMs())
      await pause(Math.ceil(leftMs), undefined, { ref: false })
      const look = this.#look(barrier, await this.#readRows())
      await this.#fence(look.fence)
      atMs = look.nextLookMs
    }
  }

  #tell(): void {
    const { status } = this.#protocol
    if (this.#isLost()) this.#tellLost()
    else if (status.kind === 'joining' || status.kind === 'member') this.#tellLease(this.isHeld())
  }

  #tellLease(isHeld: boolean): void {
    const told = this.#toldHeld
    // The first lease is part of the start, and so is waiting for it.
    if (isHeld === told || (told === null && !isHeld)) return
    this.#toldHeld = isHeld
    if (told !== null) this.#ports.onLease(isHeld, this.#failure)
    this.#failure = undefined
  }

  #tellChange(newest: RecordedChange | undefined): void {
    if (newest?.audit) this.#ports.onChange({ epoch: newest.epoch, audit: newest.audit })
  }

  #tellLost(): void {
    if (this.#hasTold) return
    const { status } = this.#protocol
    this.#hasTold = true
    this.dropAll()
    if (status.kind === 'store_went_back') this.#ports.onStoreWentBack({ known: status.known, found: status.found })
    else if (this.#missing) this.#ports.onStoreWentBack({ missing: this.#missing, found: null })
    else this.#ports.onKeysMissing(this.#missingKeyIds)
  }
}
