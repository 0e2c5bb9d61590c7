import type { Random } from '../../../../test-support/random.ts'
import type { NodeRow, SilentNode } from '../../src/cluster/barrier.ts'
import type { Batch, Grant, RenewRequest } from '../../src/cluster/store-requests.ts'
import type { Schedule } from './schedule.ts'

export interface SimulatedChange {
  readonly epoch: number
  readonly workspace: number
}

export interface StoredSecret {
  readonly id: number
  readonly isDisabled: boolean
  readonly endsAtMs: number | null
}

/** All that verifiers read, at one epoch. */
export interface Snapshot {
  readonly epoch: number
  readonly keysets: readonly (readonly StoredSecret[])[]
}

export interface Loaded {
  readonly epoch: number
  readonly keyset: readonly StoredSecret[]
}

export interface Mutation {
  readonly kind: 'create' | 'delete' | 'disable' | 'enable' | 'retire'
  readonly secret: number
  readonly workspace: number
  readonly graceMs: number
}

/** `epoch`: that of the change, or of the one that had made it before; `null`: nothing is changed, nor ever was. */
export interface Mutated {
  readonly isDone: boolean
  readonly epoch: number | null
  readonly endsAtMs: number | null
}

/**
 * A linearizable store. A change and a registration hold the epoch's lock to their commit, so each is one moment; a
 * renewal reads the epoch in its statement's snapshot, and may then wait for its row.
 */
export class SimulatedStore {
  readonly schedule: Schedule
  readonly random: Random
  /** As a host of events: it stalls, and never dies. */
  readonly isDead = false
  pausedUntilMs = 0
  protected readonly rows = new Map<string, NodeRow>()
  readonly #rate: number
  readonly #keptChanges: number
  #changes: SimulatedChange[] = []
  #current: Snapshot
  readonly #deletedAtEpoch = new Map<number, number>()

  constructor(schedule: Schedule, random: Random, keysets: Snapshot['keysets']) {
    this.schedule = schedule
    this.random = random
    this.#rate = random.pick([0.9, 1, 1.1])
    this.#keptChanges = random.pick([0, 1, 3, 100])
    this.#current = { epoch: 0, keysets }
  }

  get current(): Snapshot {
    return this.#current
  }

  timeMs(): number {
    return 1.7e12 + this.#rate * this.schedule.nowMs
  }

  /** When, in true time, the store's clock shows `timeMs`. */
  trueMsOf(timeMs: number): number {
    return (timeMs - 1.7e12) / this.#rate
  }

  /** A row that is there already is an error, and never answered. */
  register(nodeId: string, answer: (grant: Grant) => void): void {
    if (!this.rows.has(nodeId)) answer(this.insertNode(nodeId, this.#current.epoch))
  }

  renew({ nodeId, applied }: RenewRequest, answer: (grant: Grant | null) => void): void {
    const grant = { epoch: this.#current.epoch, storeTimeMs: this.timeMs() }
    const write = () => {
      const row = this.rows.get(nodeId)
      if (!row || row.fenced) {
        answer(null)
        return
      }
      this.rows.set(nodeId, { ...row, renewals: row.renewals + 1, applied: Math.max(row.applied, applied) })
      answer(grant)
    }
    if (this.random.chance(0.03)) this.schedule.after(this.random.between(0, 40), write)
    else write()
  }

  changesSince(epoch: number): Batch<SimulatedChange> {
    return { current: this.#current.epoch, changes: this.#changes.filter((change) => change.epoch > epoch) }
  }

  acknowledge(nodeId: string, epoch: number): void {
    const row = this.rows.get(nodeId)
    if (row && !row.fenced) this.rows.set(nodeId, { ...row, applied: Math.max(row.applied, epoch) })
  }

  leave(nodeId: string): void {
    this.rows.delete(nodeId)
  }

  nodes(): NodeRow[] {
    return [...this.rows.values()]
  }

  fence({ nodeId, renewals }: SilentNode): boolean {
    const row = this.rows.get(nodeId)
    if (!row || row.fenced || row.renewals !== renewals) return false
    this.rows.set(nodeId, { ...row, fenced: true })
    return true
  }

  /** Keyset and epoch of one snapshot. */
  load(workspace: number, snapshot: Snapshot): Loaded {
    return { epoch: snapshot.epoch, keyset: snapshot.keysets[workspace] ?? [] }
  }

  change(mutation: Mutation): Mutated {
    const keyset = this.#current.keysets[mutation.workspace] ?? []
    const endsAtMs = mutation.kind === 'retire' ? this.timeMs() + mutation.graceMs : null
    const changed = mutated(keyset, mutation, endsAtMs)
    if (!changed) {
      const deletedAt = mutation.kind === 'delete' ? this.#deletedAtEpoch.get(mutation.secret) : undefined
      return { isDone: false, epoch: deletedAt ?? null, endsAtMs: null }
    }
    const epoch = this.#current.epoch + 1
    this.#current = { epoch, keysets: this.#current.keysets.with(mutation.workspace, changed) }
    this.#changes.push({ epoch, workspace: mutation.workspace })
    this.#changes = this.#changes.slice(-1 - this.#keptChanges)
    if (mutation.kind === 'delete') this.#deletedAtEpoch.set(mutation.secret, epoch)
    return { isDone: true, epoch, endsAtMs }
  }

  protected insertNode(nodeId: string, epoch: number): Grant {
    this.rows.set(nodeId, { nodeId, renewals: 0, applied: epoch, fenced: false })
    return { epoch, storeTimeMs: this.timeMs() }
  }
}

/** `null`: the guard of the update found nothing to change. */
function mutated(
  keyset: readonly StoredSecret[],
  { kind, secret: id }: Mutation,
  endsAtMs: number | null,
): readonly StoredSecret[] | null {
  if (kind === 'create') return [...keyset, { id, isDisabled: false, endsAtMs: null }]
  const index = keyset.findIndex((secret) => secret.id === id)
  const found = keyset[index]
  if (!found) return null
  if (kind === 'delete') return keyset.toSpliced(index, 1)
  if (kind === 'retire') return found.endsAtMs === null ? keyset.with(index, { ...found, endsAtMs }) : null
  const isDisabled = kind === 'disable'
  return found.isDisabled === isDisabled ? null : keyset.with(index, { ...found, isDisabled })
}
