import { Refusal } from '../refusal.ts'
import type { Patience } from './patience.ts'
import type { ShedRequests } from './shed-requests.ts'

/** From here on a body costs as much as a hundred verifications or more. */
export const largeBodyBytes = 16 * 1024

/** While anybody else asks, this thread does other work for so many times as long as a large body took. */
const restsPerTurn = 3
/** Nobody who asked for nothing during so long is still asking. */
const quietMs = 1
/** More would be memory that one client can take. */
const mostWaitingBytes = 64 * 1024 * 1024

interface Waiting {
  readonly bytes: number
  readonly sinceMs: number
  /** Does what there is to do with the body, or answers with the refusal. */
  readonly take: (refusal: Refusal | null) => void
}

/**
 * Has large bodies parsed and answered one at a time, each in a turn of its own. Between two turns everybody else is
 * answered, and while anybody else asks large bodies have a quarter of this thread's time: a megabyte takes it some ten
 * milliseconds, and one client that sends one after another would leave the others hardly any.
 */
export class LargeBodies {
  readonly #patience: Patience
  readonly #shed: ShedRequests
  readonly #waiting: Waiting[] = []
  #waitingBytes = 0
  #restUntilMs = 0
  #others = 0
  #othersBefore = 0

  constructor(patience: Patience, shed: ShedRequests) {
    this.#patience = patience
    this.#shed = shed
  }

  /** A request has come that has no large body. */
  noteOther(): void {
    this.#others += 1
  }

  /** How long the next one has waited for its turn, on the clock of `performance.now`. */
  waitedMs(nowMs: number): number {
    const [next] = this.#waiting
    return next ? nowMs - next.sinceMs : 0
  }

  /** Calls `take` when its turn has come: perhaps at once, or with a refusal where it would be too late. */
  enqueue(bytes: number, take: Waiting['take']): void {
    const nowMs = performance.now()
    if (this.#waiting.length === 0 && nowMs >= this.#restUntilMs) this.#giveTurn(take)
    else if (this.#waitingBytes + bytes > mostWaitingBytes) this.#refuse(take)
    else {
      this.#waitingBytes += bytes
      if (this.#waiting.push({ bytes, sinceMs: nowMs, take }) === 1) this.#lookAfterOneRound()
    }
  }

  #look(): void {
    const nowMs = performance.now()
    if (nowMs < this.#restUntilMs && this.#others !== this.#othersBefore) {
      this.#othersBefore = this.#others
      setTimeout(() => this.#look(), quietMs)
      return
    }
    this.#shedLate(nowMs)
    const next = this.#shift()
    if (next) this.#giveTurn(next.take)
    if (this.#waiting.length > 0) this.#lookAfterOneRound()
  }

  /** So that all that has arrived meanwhile is known: the first of the two may come in the middle of a round. */
  #lookAfterOneRound(): void {
    setImmediate(() => setImmediate(() => this.#look()))
  }

  #giveTurn(take: Waiting['take']): void {
    this.#othersBefore = this.#others
    const startedMs = performance.now()
    take(null)
    const nowMs = performance.now()
    this.#restUntilMs = nowMs + restsPerTurn * (nowMs - startedMs)
  }

  #shedLate(nowMs: number): void {
    while (this.waitedMs(nowMs) > this.#patience.longestMs) {
      const late = this.#shift()
      if (late) this.#refuse(late.take)
    }
  }

  #shift(): Waiting | undefined {
    const next = this.#waiting.shift()
    this.#waitingBytes -= next?.bytes ?? 0
    return next
  }

  #refuse(take: Waiting['take']): void {
    this.#shed.note()
    take(new Refusal('too_busy'))
  }
}
