import type { Scope } from '@cutover/contract'
import { DomainError } from '../domain-error.ts'
import { type AccessToken, mayDo } from './access-token.ts'

/** What somebody wants a token to be good for. */
export interface Grant {
  readonly scopes: Iterable<Scope>
  readonly isInstance: boolean
  /** `null`: without an end. */
  readonly expiresAtMs: number | null
}

/**
 * A token hands out no scope it lacks, no longer life than its own, and nothing any more once it was rotated: whoever
 * holds a leaked one cannot make it last.
 */
export function assertMayGrant(granter: AccessToken, grant: Grant): void {
  if (granter.successorId !== null) throw refusal('A token in its grace period may neither make nor rotate tokens')
  const lacking = [...grant.scopes].filter((scope) => !mayDo(granter, scope))
  if (lacking.length > 0) throw refusal(`The access token does not hold ${lacking.join(', ')} itself`)
  if (grant.isInstance && (granter.workspaceId !== null || !mayDo(granter, 'manage_workspaces'))) {
    throw refusal('Only an instance token with manage_workspaces makes instance tokens')
  }
  if (outlives(grant, granter)) throw refusal('The new token would outlive the one that grants it')
}

function outlives(grant: Grant, granter: AccessToken): boolean {
  if (granter.expiresAtMs === null) return false
  return grant.expiresAtMs === null || grant.expiresAtMs > granter.expiresAtMs
}

function refusal(detail: string): DomainError {
  return new DomainError('grant_refused', { detail })
}
