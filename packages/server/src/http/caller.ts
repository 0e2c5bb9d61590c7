import type { headers } from '@cutover/contract'
import type { FastifyRequest } from 'fastify'
import type { AccessTokenId, Credential } from '../access-tokens/access-token.ts'
import type { AuditActor } from '../audit/audit-entry.ts'
import { DomainError } from '../domain-error.ts'
import type { WorkspaceId } from '../workspaces/workspace.ts'
import type { WorkspaceDirectory } from '../workspaces/workspace-directory.ts'
import type { Signer } from './integrator/signed-request.ts'

export interface Caller {
  readonly tokenId: AccessTokenId
  readonly workspaceId: WorkspaceId
  readonly actor: AuditActor
}

/** Who calls a route of the control plane, and the existing workspace the call is about. */
export async function callerOf(
  request: FastifyRequest,
  workspaces: WorkspaceDirectory,
  namedInBody?: string,
): Promise<Caller> {
  const credential = credentialOf(request)
  const workspaceId = await workspaces.resolveExisting(credential, namedInBody ?? namedWorkspace(request))
  request.workspaceId = workspaceId
  return { tokenId: credential.tokenId, workspaceId, actor: actorOf(credential) }
}

/** On routes that ask for a credential there is one; a route that forgot to ask finds out here. */
export function credentialOf(request: FastifyRequest): Credential {
  if (!request.authenticated) throw new DomainError('token_invalid')
  return request.authenticated.credential
}

/** A literal: as the key of a property, V8 takes a string that was made at run time for another one each time. */
const workspaceHeader: Lowercase<typeof headers.workspace> = 'cutover-workspace'

export function namedWorkspace({ headers: sent }: Pick<FastifyRequest, 'headers'>): string | undefined {
  const value = sent[workspaceHeader]
  return typeof value === 'string' ? value : undefined
}

export function actorOf({ tokenId, tokenName }: Credential): AuditActor {
  return { type: 'access_token', id: tokenId, name: tokenName }
}

/** An integrator that signed. */
export function signerOf({ by: { integrator } }: Signer): AuditActor {
  return { type: 'integrator', id: integrator.id, name: integrator.name }
}

/** What nobody known did, and what no workspace is known of, belongs to the instance. */
export function auditChainOf(request: FastifyRequest): string {
  return request.workspaceId ?? request.authenticated?.credential.workspaceId ?? 'instance'
}
