import { createKeyset, type Keyset } from '@cutover/signing'
import { isAccepted, type SecretWindow } from './signing-secret.ts'

/** A secret, opened, with what an answer tells of it. */
export interface TimedSecret<Told extends SecretWindow> {
  readonly told: Told
  readonly material: string
}

/** Between two boundaries the same secrets are accepted. */
interface Period<Told> {
  readonly accepted: Keyset<Told>
  readonly fromMs: number
  readonly untilMs: number
}

/**
 * Secrets made ready to verify with, each from its beginning to its end: judged at each call, so that no timer has to
 * fire. Most have neither, and hold nothing for it.
 */
export class TimedKeyset<Told extends SecretWindow> {
  readonly #keyset: Keyset<Told>
  /** Beginnings and ends; `null`: none has either. */
  readonly #boundariesMs: readonly number[] | null
  #period: Period<Told> | null = null

  constructor(secrets: readonly TimedSecret<Told>[]) {
    this.#keyset = createKeyset(secrets.map(({ told, material }) => ({ id: told, secret: material })))
    const boundariesMs = secrets
      .flatMap(({ told }) => [told.acceptedFromMs, told.expiresAtMs])
      .filter((boundaryMs) => boundaryMs !== null)
    this.#boundariesMs = boundariesMs.length === 0 ? null : boundariesMs
  }

  /** Those that are accepted at `nowMs`. */
  acceptedAt(nowMs: number): Keyset<Told> {
    if (this.#boundariesMs === null) return this.#keyset
    const period = this.#period
    if (period !== null && period.fromMs <= nowMs && nowMs < period.untilMs) return period.accepted
    this.#period = this.#judge(this.#boundariesMs, nowMs)
    return this.#period.accepted
  }

  #judge(boundariesMs: readonly number[], nowMs: number): Period<Told> {
    return {
      accepted: this.#keyset.filter((secret) => isAccepted(secret, nowMs)),
      fromMs: Math.max(...boundariesMs.filter((boundaryMs) => boundaryMs <= nowMs), Number.NEGATIVE_INFINITY),
      untilMs: Math.min(...boundariesMs.filter((boundaryMs) => boundaryMs > nowMs), Number.POSITIVE_INFINITY),
    }
  }
}
