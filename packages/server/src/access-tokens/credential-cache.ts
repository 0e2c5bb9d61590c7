import { LRUCache } from 'lru-cache'
import type { Cache, Change } from '../cluster/ports.ts'
import type { LookupPool } from '../lookup-pool.ts'
import type { System } from '../system.ts'
import { type Credential, isUnexpired } from './access-token.ts'
import type { AccessTokenReader } from './ports.ts'
import { hasTokenChecksum, hasTokenShape, tokenHash } from './token-format.ts'

const maxCached = 10_000

/** A credential, and the state of the cache in which it was found to be good. */
export interface Authenticated {
  readonly credential: Credential
  readonly generation: number
}

/**
 * Tells who presents a token, from memory where it can. Only hashes are kept: a heap dump of this cache holds no
 * token. What the feed says about tokens empties it whole, since that is rare and a forgotten entry costs one lookup.
 */
export class CredentialCache implements Cache {
  readonly #reader: AccessTokenReader
  readonly #lookups: LookupPool
  readonly #system: System
  readonly #byHash = new LRUCache<string, Authenticated>({ max: maxCached })
  #generation = 0

  constructor(reader: AccessTokenReader, lookups: LookupPool, system: System) {
    this.#reader = reader
    this.#lookups = lookups
    this.#system = system
  }

  /** Who presents `token`, or `null` when it is malformed, unknown, expired or revoked. */
  authenticate(token: string): Authenticated | null | Promise<Authenticated | null> {
    if (!hasTokenShape(token)) return null
    const hash = tokenHash(token)
    const cached = this.#byHash.get(hash)
    if (cached) return this.isCurrent(cached) ? cached : null
    return hasTokenChecksum(token) ? this.#lookUp(hash) : null
  }

  /** Asked again after every wait: `false` means that the token has to be authenticated anew. */
  isCurrent({ credential, generation }: Authenticated): boolean {
    return generation === this.#generation && isUnexpired(credential, this.#system.nowMs())
  }

  apply(change: Change): void {
    if (change.part === 'access_tokens') this.dropAll()
  }

  dropAll(): void {
    this.#generation += 1
    this.#byHash.clear()
  }

  async #lookUp(hash: string): Promise<Authenticated | null> {
    const generation = this.#generation
    const credential = await this.#lookups.run(() => this.#reader.findByHash(hash))
    if (!credential || !isUnexpired(credential, this.#system.nowMs())) return null
    const authenticated = { credential, generation }
    // Tokens changed while this lookup was under way: what it read may be out of date, and is not kept.
    if (generation === this.#generation) this.#byHash.set(hash, authenticated)
    return authenticated
  }
}
