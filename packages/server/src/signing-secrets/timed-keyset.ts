import { createKeyset, type Keyset } from '@cutover/signing'
import { isAccepted, type SecretWindow } from './signing-secret.ts'

/** A secret, opened, with what an answer tells of it. */
export interface TimedSecret<Told extends SecretWindow> {
  readonly told: Told
  readonly material: string
}

/** Most secrets have neither: one list for all of these. */
const none: readonly number[] = []

/** Secrets made ready to verify with, each from its beginning to its end: judged at each call, so that no timer has to fire. */
export class TimedKeyset<Told extends SecretWindow> {
  readonly #keyset: Keyset<Told>
  /** Beginnings and ends: between two of them the same secrets are accepted. */
  readonly #boundariesMs: readonly number[]
  #accepted: Keyset<Told>
  #fromMs = Number.POSITIVE_INFINITY
  #untilMs = Number.NEGATIVE_INFINITY

  constructor(secrets: readonly TimedSecret<Told>[]) {
    this.#keyset = createKeyset(secrets.map(({ told, material }) => ({ id: told, secret: material })))
    this.#accepted = this.#keyset
    const boundariesMs = secrets
      .flatMap(({ told }) => [told.acceptedFromMs, told.expiresAtMs])
      .filter((boundaryMs) => boundaryMs !== null)
    this.#boundariesMs = boundariesMs.length === 0 ? none : boundariesMs
  }

  /** Those that are accepted at `nowMs`. */
  acceptedAt(nowMs: number): Keyset<Told> {
    if (!(this.#fromMs <= nowMs && nowMs < this.#untilMs)) this.#judge(nowMs)
    return this.#accepted
  }

  #judge(nowMs: number): void {
    this.#accepted = this.#keyset.filter((secret) => isAccepted(secret, nowMs))
    this.#fromMs = Math.max(...this.#boundariesMs.filter((boundaryMs) => boundaryMs <= nowMs), Number.NEGATIVE_INFINITY)
    this.#untilMs = Math.min(...this.#boundariesMs.filter((boundaryMs) => boundaryMs > nowMs), Number.POSITIVE_INFINITY)
  }
}
