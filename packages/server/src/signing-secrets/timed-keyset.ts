import { createKeyset, type Keyset } from '@cutover/signing'
import { isAccepted, type SecretWindow } from './signing-secret.ts'

/** A secret, opened, with what an answer tells of it. */
export interface TimedSecret<Told extends SecretWindow> {
  readonly told: Told
  readonly material: string
}

/** Secrets made ready to verify with, each until its end: judged at each call, so that no timer has to fire. */
export class TimedKeyset<Told extends SecretWindow> {
  readonly #keyset: Keyset<Told>
  readonly #firstEndMs: number

  constructor(secrets: readonly TimedSecret<Told>[]) {
    this.#keyset = createKeyset(secrets.map(({ told, material }) => ({ id: told, secret: material })))
    this.#firstEndMs = Math.min(...secrets.map(({ told }) => told.expiresAtMs ?? Number.POSITIVE_INFINITY))
  }

  /** Those that are accepted at `nowMs`. */
  acceptedAt(nowMs: number): Keyset<Told> {
    if (nowMs < this.#firstEndMs) return this.#keyset
    return this.#keyset.filter((secret) => isAccepted(secret, nowMs))
  }
}
