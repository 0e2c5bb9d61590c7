import type { History, Operation, Verification } from '../../test-support/revocation/history.ts'

export interface FaultWindow {
  readonly kind: string
  /** Which node may be unavailable for it: its name, every one, or none at all. */
  readonly excuses: string | 'every node' | 'no node'
  readonly beginMs: number
  /** `Infinity` while it lasts. */
  endMs: number
}

/** That a subject was shown to a node, whether it was answered or not. */
export interface Attempt {
  readonly node: string
  readonly secret: number
  readonly atMs: number
}

export interface RecordedOperation extends Operation {
  readonly node: string
}

/** All that happened, by the monotonic clock of this one process. */
export class Recorder {
  readonly operations: RecordedOperation[] = []
  readonly verifications: Verification[] = []
  readonly attempts: Attempt[] = []
  readonly windows: FaultWindow[] = []
  /** What was answered that no promise knows, in words. */
  readonly surprises: string[] = []
  readonly #waitMs: number
  #subjects = 0

  /** `waitMs`: for so long after a fault its node may still be without a lease. */
  constructor(waitMs: number) {
    this.#waitMs = waitMs
  }

  newNumber(): number {
    this.#subjects += 1
    return this.#subjects
  }

  operation(kind: Operation['kind'], secret: number, node: string): RecordedOperation {
    const invokedMs = performance.now()
    // A retirement whose answer is lost may end at once.
    const endsMs = kind === 'retire' ? invokedMs : Number.POSITIVE_INFINITY
    const open = { okMs: Number.POSITIVE_INFINITY, outcome: 'unknown', endsMs } as const
    const operation: RecordedOperation = { kind, secret, node, invokedMs, ...open }
    this.operations.push(operation)
    return operation
  }

  begin(kind: string, excuses: FaultWindow['excuses'], beginMs = performance.now()): FaultWindow {
    const window = { kind, excuses, beginMs, endMs: Number.POSITIVE_INFINITY }
    this.windows.push(window)
    return window
  }

  end(window: FaultWindow): void {
    window.endMs = performance.now()
  }

  /** Whether nothing that a fault did to this node can have been felt between the two. */
  isCalm(node: string, fromMs: number, untilMs: number): boolean {
    return !this.windows.some(
      ({ excuses, beginMs, endMs }) =>
        (excuses === 'every node' || excuses === node) && beginMs <= untilMs && endMs + this.#waitMs >= fromMs,
    )
  }

  /** Names of the faults that lasted, anywhere, or had been over for less than a node may take to be back. */
  faultsDuring(fromMs: number, untilMs: number): readonly string[] {
    return this.windows
      .filter(({ beginMs, endMs }) => beginMs <= untilMs && endMs + this.#waitMs >= fromMs)
      .map(({ kind }) => kind)
  }

  /** As the checker takes it; to be asked when the windows are known, which may be after the answer. */
  history(): History {
    for (const verification of this.verifications) {
      const { machine, invokedMs, answeredMs } = verification
      verification.isCalm = this.isCalm(machine, invokedMs, answeredMs)
    }
    return this
  }
}
