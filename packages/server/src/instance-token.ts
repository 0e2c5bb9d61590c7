import { scopeNames } from '@cutover/contract'
import type { AccessTokenWriter } from './access-tokens/ports.ts'
import { tokenHash } from './access-tokens/token-format.ts'
import type { AuditActor } from './audit/audit-entry.ts'
import type { AuditWriter } from './audit/ports.ts'
import { randomId } from './base62.ts'
import type { AuditPlace } from './cluster/ports.ts'
import type { System } from './system.ts'

interface TokenTransaction {
  readonly accessTokens: AccessTokenWriter
  readonly audit: AuditWriter
}

/** Puts `token` into the store as an instance token with every scope, made by no other token, and records who did. */
export async function insertInstanceToken(
  tx: TokenTransaction,
  { token, name, actor }: { readonly token: string; readonly name: string; readonly actor: AuditActor },
  system: System,
): Promise<AuditPlace> {
  const id = randomId('tok', system)
  const createdAtMs = system.nowMs()
  await tx.accessTokens.insert({
    id,
    workspaceId: null,
    name,
    hash: tokenHash(token),
    scopes: scopeNames,
    environment: null,
    createdAtMs,
    createdBy: actor.id,
    parentId: null,
    rotatedBy: null,
    expiresAtMs: null,
  })
  const audit = {
    chain: 'instance',
    action: 'access_token.created',
    actor,
    resource: { type: 'access_token', id },
    result: 'success',
    metadata: { name, scopes: [...scopeNames] },
    requestId: null,
    ip: null,
  } as const
  return tx.audit.append(audit, createdAtMs)
}
