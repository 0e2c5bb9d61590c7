import type { Environment, Scope } from '@cutover/contract'
import type { WorkspaceId } from '../workspaces/workspace.ts'

export type AccessTokenId = `tok_${string}`

/** What a presented token proves: who calls, where, and what for. */
export interface Credential {
  readonly tokenId: AccessTokenId
  readonly tokenName: string
  /** `null`: an instance token, which names its workspace with each call. */
  readonly workspaceId: WorkspaceId | null
  readonly scopes: ReadonlySet<Scope>
  readonly environment: Environment | null
  readonly expiresAtMs: number | null
}

/** A token as it is managed: the type has no place for the token itself, nor for its hash. */
export interface AccessToken extends Credential {
  readonly createdAtMs: number
  readonly createdBy: string
  /** The token that took its place. It may still be good, but it may neither make nor rotate tokens any more. */
  readonly successorId: AccessTokenId | null
  readonly revokedAtMs: number | null
}

/** Half-open: at `expiresAtMs` itself the token is already refused. */
export function isUnexpired({ expiresAtMs }: Pick<Credential, 'expiresAtMs'>, nowMs: number): boolean {
  return expiresAtMs === null || nowMs < expiresAtMs
}

/** A scope is held itself, or, when it reads, through `read_all`. */
export function mayDo({ scopes }: Pick<Credential, 'scopes'>, scope: Scope): boolean {
  return scopes.has(scope) || (scope.startsWith('read_') && scopes.has('read_all'))
}

/** What a kept answer that shows this token is filed under. */
export function keptAnswerSubject(id: AccessTokenId): string {
  return `access_token ${id}`
}
