import type { AccessToken as AccessTokenWire } from '@cutover/contract'
import { type AccessToken, isUnexpired } from '../../access-tokens/access-token.ts'
import type { ListedAccessToken } from '../../access-tokens/ports.ts'
import { lastUsedMs, unusedScopes } from '../../access-tokens/token-uses.ts'
import { isoTime } from '../../iso-time.ts'
import { type RotationPolicy, rotationDueAtMs } from '../../workspaces/rotation-policy.ts'

export function toListedToken(token: ListedAccessToken, policy: RotationPolicy, nowMs: number): AccessTokenWire {
  const unused = unusedScopes(token, nowMs)
  return {
    ...toNewToken(token, policy, nowMs),
    lastUsedAt: isoTime(lastUsedMs(token)),
    unusedScopes: unused === null ? null : [...unused],
  }
}

/** One that was made this moment: nobody has used it. */
export function toNewToken(token: AccessToken, policy: RotationPolicy, nowMs: number): AccessTokenWire {
  return {
    id: token.tokenId,
    name: token.tokenName,
    workspaceId: token.workspaceId,
    scopes: [...token.scopes],
    environment: token.environment,
    state: stateOf(token, nowMs),
    createdAt: isoTime(token.createdAtMs),
    createdBy: token.createdBy,
    expiresAt: isoTime(token.expiresAtMs),
    rotationDueAt: isUnexpired(token, nowMs) ? isoTime(rotationDueAtMs(token, policy)) : null,
    successorId: token.successorId,
    lastUsedAt: null,
    unusedScopes: null,
  }
}

function stateOf(token: AccessToken, nowMs: number): AccessTokenWire['state'] {
  if (!isUnexpired(token, nowMs)) return 'expired'
  return token.successorId === null ? 'active' : 'retiring'
}
