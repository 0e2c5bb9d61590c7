import type { LeaseTiming } from './lease-timing.ts'

/** A row of the list of nodes. */
export interface NodeRow {
  readonly nodeId: string
  readonly renewals: number
  readonly applied: number
  readonly fenced: boolean
}

/** To be fenced if it still has as many renewals. */
export type SilentNode = Pick<NodeRow, 'nodeId' | 'renewals'>

export interface Look {
  /** `acknowledged` and `outwaited`: the change may be answered. */
  readonly passed: 'no' | 'acknowledged' | 'outwaited'
  readonly fence: readonly SilentNode[]
  /** When to look again, on the monotonic clock; `null`: there is nothing left to wait for. */
  readonly nextLookMs: number | null
}

/** Of this process: what its memory holds is known before its row tells. */
export interface OwnNode {
  readonly nodeId: string
  readonly applied: number
}

const firstPauseMs = 1
const longestPauseMs = 100

/**
 * Tells when a committed change may be answered: when every registered node has acknowledged its epoch, or no lease can
 * be in use any more that does not know it. A node registers under the lock that orders changes, so whoever is not in
 * the list once COMMIT has returned starts with the change. A node of this process counts like every other one: without
 * a lease it may be granted one by a renewal that ran before the commit.
 */
export class Barrier {
  readonly #waitMs: number
  readonly #epoch: number
  readonly #outwaitedAtMs: number
  #pauseMs = firstPauseMs
  #first: { readonly renewals: ReadonlyMap<string, number>; readonly silentAtMs: number } | undefined
  #rows: readonly NodeRow[] | undefined

  /** `committedAtMs`: the monotonic clock, read after COMMIT had returned, or at any later time. */
  constructor({ waitMs }: Pick<LeaseTiming, 'waitMs'>, epoch: number, committedAtMs: number) {
    this.#waitMs = waitMs
    this.#epoch = epoch
    this.#outwaitedAtMs = committedAtMs + waitMs
  }

  /**
   * `rows`: a snapshot that was asked for after this barrier was made, or `null` when it could not be read; `nowMs`: the
   * monotonic clock, read after it had come.
   */
  look(rows: readonly NodeRow[] | null, nowMs: number, own: OwnNode | null): Look {
    if (rows) this.#see(rows, nowMs)
    const waitingFor = this.#rows?.filter((row) => !this.#hasAcknowledged(row, own))
    if (waitingFor?.length === 0) return { passed: 'acknowledged', fence: [], nextLookMs: null }
    if (nowMs < this.#outwaitedAtMs) return { passed: 'no', fence: [], nextLookMs: this.#afterPause(nowMs) }
    if (!waitingFor || !this.#first) return { passed: 'outwaited', fence: [], nextLookMs: null }
    // Their last renewal may have come between the commit and the first snapshot: they have W from there.
    const { renewals, silentAtMs } = this.#first
    if (nowMs < silentAtMs) return { passed: 'outwaited', fence: [], nextLookMs: silentAtMs }
    const silent = waitingFor.filter((row) => renewals.get(row.nodeId) === row.renewals)
    const fence = silent.map(({ nodeId, renewals }) => ({ nodeId, renewals }))
    return { passed: 'outwaited', fence, nextLookMs: null }
  }

  #see(rows: readonly NodeRow[], nowMs: number): void {
    this.#rows = rows
    this.#first ??= {
      renewals: new Map(rows.map(({ nodeId, renewals }) => [nodeId, renewals])),
      silentAtMs: nowMs + this.#waitMs,
    }
  }

  #hasAcknowledged({ nodeId, applied, fenced }: NodeRow, own: OwnNode | null): boolean {
    return fenced || applied >= this.#epoch || (nodeId === own?.nodeId && own.applied >= this.#epoch)
  }

  #afterPause(nowMs: number): number {
    const pauseMs = this.#pauseMs
    this.#pauseMs = Math.min(2 * pauseMs, longestPauseMs)
    return Math.min(nowMs + pauseMs, this.#outwaitedAtMs)
  }
}
