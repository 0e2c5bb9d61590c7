import type { Scope } from '@cutover/contract'
import { hasTokenChecksum } from '@cutover/signing'
import { LRUCache } from 'lru-cache'
import type { Cache, Change, Lease } from '../cluster/ports.ts'
import type { LookupPool } from '../lookup-pool.ts'
import type { System } from '../system.ts'
import { type Credential, isUnexpired } from './access-token.ts'
import type { AccessTokenReader } from './ports.ts'
import { hasTokenShape, tokenHash } from './token-format.ts'
import type { TokenUses } from './token-uses.ts'

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
  readonly #reader: Pick<AccessTokenReader, 'findByHash'>
  readonly #lookups: LookupPool
  readonly #system: System
  readonly #byHash = new LRUCache<string, Authenticated>({ max: maxCached })
  /**
   * Hashes of tokens that were good when last looked up. They outlive the emptying of this cache, so that somebody who
   * floods the address of their holders with bad tokens cannot keep them from being looked up again.
   */
  readonly #foundGood = new LRUCache<string, true>({ max: maxCached })
  readonly #uses: TokenUses
  readonly #lease: Lease
  #generation = 0

  constructor(
    reader: Pick<AccessTokenReader, 'findByHash'>,
    lookups: LookupPool,
    uses: TokenUses,
    system: System,
    lease: Lease,
  ) {
    this.#reader = reader
    this.#lookups = lookups
    this.#uses = uses
    this.#system = system
    this.#lease = lease
  }

  /** Who presents `token`, or `null` when it is malformed, unknown, expired or revoked. */
  authenticate(token: string): Authenticated | null | Promise<Authenticated | null> {
    const recalled = this.recall(token)
    return recalled === undefined ? this.lookUp(token, () => {}) : recalled
  }

  /**
   * As far as it can be told without the store; `undefined`: only a lookup can tell. Without a lease the token may have
   * been revoked, and this node not know of it.
   */
  recall(token: string): Authenticated | null | undefined {
    if (!hasTokenShape(token)) return null
    const cached = this.#lease.isHeld() ? this.#byHash.get(tokenHash(token)) : undefined
    if (cached) return this.isCurrent(cached) ? cached : null
    return hasTokenChecksum(token) ? undefined : null
  }

  /**
   * Asks the store. For a token that was not good before, `assertAllowed` may throw instead, when the lookup is asked
   * for and again when its turn has come: others may have been found no good meanwhile.
   */
  async lookUp(token: string, assertAllowed: () => void): Promise<Authenticated | null> {
    const hash = tokenHash(token)
    const assertWorthwhile = () => {
      if (!this.#foundGood.has(hash)) assertAllowed()
    }
    assertWorthwhile()
    const generation = this.#generation
    const credential = await this.#lookups.run(async () => {
      assertWorthwhile()
      return await this.#reader.findByHash(hash)
    })
    if (!credential || !isUnexpired(credential, this.#system.nowMs())) {
      this.#foundGood.delete(hash)
      return null
    }
    this.#foundGood.set(hash, true)
    const authenticated = { credential, generation }
    // Tokens changed while this lookup was under way: what it read may be out of date, and is not kept.
    if (generation === this.#generation) this.#byHash.set(hash, authenticated)
    return authenticated
  }

  /** That a call was let in, and through which scope; what needed none counts as a use all the same. */
  noteUse({ credential }: Authenticated, scope: Scope | undefined): void {
    this.#uses.note(credential, scope, this.#system.nowMs())
  }

  /** Asked again after every wait: `false` means that the token has to be authenticated anew. */
  isCurrent({ credential, generation }: Authenticated): boolean {
    return generation === this.#generation && isUnexpired(credential, this.#system.nowMs())
  }

  apply(change: Change): void {
    if (change.part === 'access_tokens' || change.part === 'workspace_deleted') this.dropAll()
  }

  dropAll(): void {
    this.#generation += 1
    this.#byHash.clear()
  }
}
