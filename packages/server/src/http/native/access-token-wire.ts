import type { AccessToken as AccessTokenWire } from '@cutover/contract'
import { type AccessToken, isUnexpired } from '../../access-tokens/access-token.ts'
import type { ListedAccessToken } from '../../access-tokens/ports.ts'
import { lastUsedMs, unusedScopes } from '../../access-tokens/token-uses.ts'

export function toListedToken(token: ListedAccessToken, nowMs: number): AccessTokenWire {
  const unused = unusedScopes(token, nowMs)
  return {
    ...toNewToken(token, nowMs),
    lastUsedAt: isoTime(lastUsedMs(token)),
    unusedScopes: unused === null ? null : [...unused],
  }
}

/** One that was made this moment: nobody has used it. */
export function toNewToken(token: AccessToken, nowMs: number): AccessTokenWire {
  return {
    id: token.tokenId,
    name: token.tokenName,
    workspaceId: token.workspaceId,
    scopes: [...token.scopes],
    environment: token.environment,
    state: stateOf(token, nowMs),
    createdAt: new Date(token.createdAtMs).toISOString(),
    createdBy: token.createdBy,
    expiresAt: isoTime(token.expiresAtMs),
    successorId: token.successorId,
    lastUsedAt: null,
    unusedScopes: null,
  }
}

function stateOf(token: AccessToken, nowMs: number): AccessTokenWire['state'] {
  if (!isUnexpired(token, nowMs)) return 'expired'
  return token.successorId === null ? 'active' : 'retiring'
}

function isoTime(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString()
}
