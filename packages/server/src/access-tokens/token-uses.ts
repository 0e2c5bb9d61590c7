import { type Scope, scopeNames } from '@cutover/contract'
import { LRUCache } from 'lru-cache'
import type { AccessTokenId, Credential } from './access-token.ts'
import type { ListedAccessToken, TokenUse, TokenUseWriter, UsedScope } from './ports.ts'

const sampleMs = 60_000
const unusedAfterMs = 30 * 24 * 60 * 60 * 1000
const maxTokens = 10_000

/** When each scope of a token was last noted: a few numbers, so that noting again costs a comparison. */
type Noted = Map<UsedScope, number>

/**
 * When tokens were last used, and for what: sampled at most once a minute for each token and scope, in memory, and
 * written in one batch now and then. A process that is killed forgets what was not written yet.
 */
export class TokenUses {
  readonly #writer: TokenUseWriter
  readonly #noted = new LRUCache<AccessTokenId, Noted>({ max: maxTokens })
  #unwritten = new Map<string, TokenUse>()

  constructor(writer: TokenUseWriter) {
    this.#writer = writer
  }

  note(credential: Credential, needed: Scope | undefined, nowMs: number): void {
    const scope = usedScope(credential, needed)
    const noted = this.#noted.get(credential.tokenId) ?? this.#start(credential.tokenId)
    const lastMs = noted.get(scope)
    if (lastMs !== undefined && nowMs - lastMs < sampleMs) return
    noted.set(scope, nowMs)
    this.#unwritten.set(`${credential.tokenId} ${scope}`, { tokenId: credential.tokenId, scope, atMs: nowMs })
  }

  /** Writes what was noted since the last time; what cannot be written now is kept for the next. */
  async flush(): Promise<void> {
    if (this.#unwritten.size === 0) return
    const uses = this.#unwritten
    this.#unwritten = new Map()
    try {
      await this.#writer.record([...uses.values()])
    } catch (error) {
      this.#unwritten = new Map([...uses, ...this.#unwritten])
      throw error
    }
  }

  #start(id: AccessTokenId): Noted {
    const noted: Noted = new Map()
    this.#noted.set(id, noted)
    return noted
  }
}

/** The scope that let the caller in: the one it needed, or `read_all` in its place. */
function usedScope({ scopes }: Credential, needed: Scope | undefined): UsedScope {
  if (needed === undefined) return 'any'
  return scopes.has(needed) ? needed : 'read_all'
}

export function lastUsedMs(token: ListedAccessToken): number | null {
  return token.lastUsedMs.size === 0 ? null : Math.max(...token.lastUsedMs.values())
}

/** What was granted and not used in 30 days; `null` while the token is younger and nothing can be said. */
export function unusedScopes(token: ListedAccessToken, nowMs: number): readonly Scope[] | null {
  const sinceMs = nowMs - unusedAfterMs
  if (token.createdAtMs > sinceMs) return null
  return scopeNames.filter((scope) => token.scopes.has(scope) && (token.lastUsedMs.get(scope) ?? 0) <= sinceMs)
}
