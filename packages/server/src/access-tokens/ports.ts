import type { Scope } from '@cutover/contract'
import type { FoundSession } from '../sessions/ports.ts'
import type { Session } from '../sessions/session.ts'
import type { WorkspaceId } from '../workspaces/workspace.ts'
import type { AccessToken, AccessTokenId, Credential } from './access-token.ts'

export interface AccessTokenReader {
  /** The credential of the token with this hash, unless it was revoked; expiry is the caller's to judge. */
  findByHash(hash: string): Promise<Credential | null>
  /** Whether the token is neither revoked nor expired at `nowMs`. */
  isLive(id: string, nowMs: number): Promise<boolean>
  /** Wherever it is: for the caller's own. */
  findAnywhere(id: string): Promise<AccessToken | null>
  /** Revoked ones too. */
  find(id: string, place: TokenPlace): Promise<AccessToken | null>
  /** Neither revoked ones nor those before `after`; oldest first. */
  page(
    workspaceId: WorkspaceId | null,
    filter: TokenFilter,
    after: string | null,
    limit: number,
  ): Promise<readonly ListedAccessToken[]>
}

export interface TokenFilter {
  readonly nowMs: number
  /** Only unexpired ones made at this moment or before; `null`: however old. */
  readonly createdUntilMs: number | null
}

/** Where a caller may look for a token by its id; what lies elsewhere is as if it were not there. */
export interface TokenPlace {
  readonly workspaceId: WorkspaceId | null
  readonly withInstanceTokens: boolean
}

export interface ListedAccessToken extends AccessToken {
  /** What `page` takes as `after`. */
  readonly cursor: string
  /** When each scope was last used, as far as it was sampled; `any` for a use that needed no scope. */
  readonly lastUsedMs: ReadonlyMap<UsedScope, number>
}

export type UsedScope = Scope | 'any'

export interface NewAccessToken {
  readonly id: AccessTokenId
  readonly workspaceId: string | null
  readonly name: string
  readonly hash: string
  readonly scopes: readonly string[]
  readonly environment: string | null
  readonly createdAtMs: number
  readonly createdBy: string
  /** The token that is revoked with `cascade` together with this one; `null` for the first of a line. */
  readonly parentId: AccessTokenId | null
  /** The token that rotated the one before to this one, where it was another than the parent. */
  readonly rotatedBy: AccessTokenId | null
  readonly expiresAtMs: number | null
}

export interface AccessTokenWriter {
  insert(token: NewAccessToken): Promise<void>
  /** Whether it was live and not rotated yet; of two rotations at once one finds it so. */
  retire(id: AccessTokenId, retirement: Retirement): Promise<boolean>
  /** What `from` made or rotated counts as made by `to`. */
  passOnDescendants(from: AccessTokenId, to: AccessTokenId): Promise<void>
  parentOf(id: AccessTokenId): Promise<AccessTokenId | null>
  /** What these tokens made or rotated themselves, revoked ones too. */
  childrenOf(ids: readonly AccessTokenId[]): Promise<readonly AccessTokenId[]>
  /** Whether it was not revoked before. */
  revoke(id: AccessTokenId, revocation: { readonly atMs: number; readonly epoch: number }): Promise<boolean>
  revokeAllOf(
    workspaceId: WorkspaceId,
    revocation: { readonly atMs: number; readonly epoch: number },
  ): Promise<readonly AccessTokenId[]>
  revokedAtEpoch(id: AccessTokenId): Promise<number | null>
}

export interface Retirement {
  readonly successorId: AccessTokenId
  /** The earlier of this and the end it has anyway. */
  readonly endMs: number
  readonly nowMs: number
}

/** When a token last used a scope, as far as it was sampled. */
export interface TokenUse {
  readonly tokenId: AccessTokenId
  readonly scope: UsedScope
  readonly atMs: number
}

export interface TokenUseWriter {
  /** Keeps the later time of each token and scope; `uses` has each of them once. */
  record(uses: readonly TokenUse[]): Promise<void>
}

/** The sessions that stand for tokens: what `CredentialCache` has to know of them. */
export interface SessionKeeper {
  /** `null`: it cannot be the key to any. */
  hashOf(key: string): string | null
  findByHash(hash: string): Promise<FoundSession | null>
  /** `false` may also mean that another node knows of a later use: read anew, it may be true. */
  isLive(session: Session, nowMs: number): boolean
  noteUse(session: Session, nowMs: number): void
}
