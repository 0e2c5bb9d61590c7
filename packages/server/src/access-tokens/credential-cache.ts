import type { Scope } from '@cutover/contract'
import { hasTokenChecksum } from '@cutover/signing'
import { LRUCache } from 'lru-cache'
import type { Cache, Change, Lease } from '../cluster/ports.ts'
import type { LookupPool } from '../lookup-pool.ts'
import type { FoundSession } from '../sessions/ports.ts'
import type { Session } from '../sessions/session.ts'
import type { System } from '../system.ts'
import { type Credential, isUnexpired } from './access-token.ts'
import type { AccessTokenReader, SessionKeeper } from './ports.ts'
import { hasTokenShape, tokenHash, tokenLength } from './token-format.ts'
import type { TokenUses } from './token-uses.ts'

const maxCached = 10_000

/**
 * An access token, or the key to a session that stands for one. Which of them it is depends on where in the request it
 * was, not on what it looks like.
 */
export type Presented = string | { readonly sessionKey: string }

/** A credential, and the state of the cache in which it was found to be good. */
export interface Authenticated {
  readonly credential: Credential
  /** `null`: the token itself was presented. */
  readonly session: Session | null
  readonly generation: number
}

/**
 * Tells who presents a token or the key to a session, from memory where it can. Only hashes are kept: a heap dump of this
 * cache holds neither. What the feed says about tokens and sessions empties it whole, since that is rare and a forgotten
 * entry costs one lookup.
 */
export class CredentialCache implements Cache {
  readonly #reader: Pick<AccessTokenReader, 'findByHash'>
  readonly #lookups: LookupPool
  readonly #system: System
  readonly #byHash = new LRUCache<string, Authenticated>({ max: maxCached })
  /**
   * Hashes of what was good when last looked up. They outlive the emptying of this cache, so that somebody who floods the
   * address of their holders with bad tokens cannot keep them from being looked up again.
   */
  readonly #foundGood = new LRUCache<string, true>({ max: maxCached })
  readonly #uses: TokenUses
  readonly #lease: Lease
  readonly #sessions: SessionKeeper | null
  #generation = 0

  /** @param sessions - `null`: nothing but tokens lets anybody in */
  constructor(
    reader: Pick<AccessTokenReader, 'findByHash'>,
    lookups: LookupPool,
    uses: TokenUses,
    system: System,
    lease: Lease,
    sessions: SessionKeeper | null = null,
  ) {
    this.#reader = reader
    this.#lookups = lookups
    this.#uses = uses
    this.#system = system
    this.#lease = lease
    this.#sessions = sessions
  }

  /** Who presents this, or `null` when it is malformed, unknown, expired or revoked. */
  authenticate(presented: Presented): Authenticated | null | Promise<Authenticated | null> {
    const recalled = this.recall(presented)
    return recalled === undefined ? this.lookUp(presented, () => {}) : recalled
  }

  /** Whether anything may be told without the store. */
  canRecall(): boolean {
    return this.#lease.isHeld()
  }

  /**
   * As far as it can be told without the store; `undefined`: only a lookup can tell. Without a lease it may have been
   * revoked, and this node not know of it.
   */
  recall(presented: Presented): Authenticated | null | undefined {
    return typeof presented === 'string' ? this.#recallToken(presented) : this.#recallSession(presented.sessionKey)
  }

  /**
   * Asks the store. For what was not good before, `assertAllowed` may throw instead, when the lookup is asked for and
   * again when its turn has come: others may have been found no good meanwhile.
   */
  async lookUp(presented: Presented, assertAllowed: () => void): Promise<Authenticated | null> {
    const hash = typeof presented === 'string' ? tokenHash(presented) : this.#sessions?.hashOf(presented.sessionKey)
    if (typeof hash !== 'string') return null
    const assertWorthwhile = () => {
      if (!this.#foundGood.has(hash)) assertAllowed()
    }
    assertWorthwhile()
    const generation = this.#generation
    const found = await this.#lookups.run(async () => {
      assertWorthwhile()
      return await this.#find(presented, hash)
    })
    if (!found || !this.#isGood(found)) {
      this.#foundGood.delete(hash)
      return null
    }
    this.#foundGood.set(hash, true)
    const authenticated = { ...found, generation }
    // Tokens changed while this lookup was under way: what it read may be out of date, and is not kept.
    if (generation === this.#generation) this.#byHash.set(hash, authenticated)
    return authenticated
  }

  /** That a call was let in at `nowMs`, and through which scope; what needed none counts as a use all the same. */
  noteUse({ credential, session }: Authenticated, scope: Scope | undefined, nowMs = this.#system.nowMs()): void {
    this.#uses.note(credential, scope, nowMs)
    if (session) this.#sessions?.noteUse(session, nowMs)
  }

  /** Asked again after every wait: `false` means that it has to be authenticated anew. */
  isCurrent(authenticated: Authenticated): boolean {
    return authenticated.generation === this.#generation && this.#isGood(authenticated)
  }

  apply(change: Change): void {
    if (change.part === 'access_tokens' || change.part === 'workspace_deleted') this.dropAll()
  }

  dropAll(): void {
    this.#generation += 1
    this.#byHash.clear()
  }

  #recallToken(token: string): Authenticated | null | undefined {
    // What is held was well-formed when it came; only the length has to be checked before it is hashed.
    const cached = token.length === tokenLength ? this.#held(tokenHash(token)) : undefined
    if (cached) return this.isCurrent(cached) ? cached : null
    return hasTokenShape(token) && hasTokenChecksum(token) ? undefined : null
  }

  /** One that seems idle may have been used on another node: the store knows. */
  #recallSession(key: string): Authenticated | null | undefined {
    const hash = this.#sessions?.hashOf(key) ?? null
    if (hash === null) return null
    const cached = this.#held(hash)
    return cached && this.isCurrent(cached) ? cached : undefined
  }

  #held(hash: string): Authenticated | undefined {
    return this.#lease.isHeld() ? this.#byHash.get(hash) : undefined
  }

  async #find(presented: Presented, hash: string): Promise<Omit<Authenticated, 'generation'> | null> {
    if (typeof presented !== 'string') return (await this.#sessions?.findByHash(hash)) ?? null
    const credential = await this.#reader.findByHash(hash)
    return credential && { credential, session: null }
  }

  #isGood({ credential, session }: Omit<Authenticated, 'generation'> | FoundSession): boolean {
    if (credential.expiresAtMs === null && session === null) return true
    const nowMs = this.#system.nowMs()
    if (!isUnexpired(credential, nowMs)) return false
    return session === null || this.#sessions?.isLive(session, nowMs) === true
  }
}
