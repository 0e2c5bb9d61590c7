import type { AccessTokenId, Credential } from './access-token.ts'

export interface AccessTokenReader {
  /** The credential of the token with this hash, unless it was revoked; expiry is the caller's to judge. */
  findByHash(hash: string): Promise<Credential | null>
  /** Whether the token is neither revoked nor expired at `nowMs`. */
  isLive(id: string, nowMs: number): Promise<boolean>
}

export interface NewAccessToken {
  readonly id: AccessTokenId
  readonly workspaceId: string | null
  readonly name: string
  readonly hash: string
  readonly scopes: readonly string[]
  readonly environment: string | null
  readonly createdAtMs: number
  readonly createdBy: string
  readonly expiresAtMs: number | null
}

export interface AccessTokenWriter {
  insert(token: NewAccessToken): Promise<void>
}
