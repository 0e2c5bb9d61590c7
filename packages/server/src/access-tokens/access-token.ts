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

/** Half-open: at `expiresAtMs` itself the token is already refused. */
export function isUnexpired(credential: Credential, nowMs: number): boolean {
  return credential.expiresAtMs === null || nowMs < credential.expiresAtMs
}

/** A scope is held itself, or, when it reads, through `read_all`. */
export function mayDo(credential: Credential, scope: Scope): boolean {
  return credential.scopes.has(scope) || (scope.startsWith('read_') && credential.scopes.has('read_all'))
}
