import {
  type CreateAccessToken,
  type CreatedAccessToken,
  headers,
  operations,
  presets,
  type RotateAccessToken,
  type Scope,
} from '@cutover/contract'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type AccessToken, mayDo } from '../../access-tokens/access-token.ts'
import { createAccessToken, type TokenPorts } from '../../access-tokens/create-access-token.ts'
import type { CredentialCache } from '../../access-tokens/credential-cache.ts'
import type { AccessTokenReader, TokenPlace } from '../../access-tokens/ports.ts'
import { type RevokePorts, revokeAccessToken } from '../../access-tokens/revoke-access-token.ts'
import { rotateAccessToken } from '../../access-tokens/rotate-access-token.ts'
import type { TokenUses } from '../../access-tokens/token-uses.ts'
import { DomainError } from '../../domain-error.ts'
import type { SettingsStore } from '../../workspaces/ports.ts'
import { type RotationPolicy, rotationPolicyOf } from '../../workspaces/rotation-policy.ts'
import type { WorkspaceId } from '../../workspaces/workspace.ts'
import type { WorkspaceDirectory } from '../../workspaces/workspace-directory.ts'
import { actorOf, callerOf, credentialOf, namedWorkspace } from '../caller.ts'
import { idParam } from '../id-param.ts'
import { idempotentRequest } from '../idempotency-key.ts'
import { pageOf, parsePage } from '../page.ts'
import { authorize } from '../plugins/authorization.ts'
import { problemDialect } from '../problem.ts'
import { Refusal } from '../refusal.ts'
import { toListedToken, toNewToken } from './access-token-wire.ts'
import { parseNameField } from './name-field.ts'
import { overdueFilter } from './overdue.ts'

export interface AccessTokenRoutePorts extends TokenPorts, RevokePorts {
  readonly credentials: CredentialCache
  readonly workspaces: WorkspaceDirectory
  readonly accessTokens: AccessTokenReader
  readonly uses: TokenUses
  readonly settings: Pick<SettingsStore, 'find'>
}

interface ListQuery {
  limit?: string
  cursor?: string
  instance?: string
  overdue?: string
}

export function accessTokensRoutes(app: FastifyInstance, ports: AccessTokenRoutePorts): void {
  const mayRead = authorize(ports.credentials, 'read_access_tokens')
  const mayWrite = authorize(ports.credentials, 'write_access_tokens')
  const config = { dialect: problemDialect }
  const rendererFor = (policy: RotationPolicy) => (token: AccessToken, text: string) =>
    JSON.stringify({ ...toNewToken(token, policy, ports.system.nowMs()), token: text } satisfies CreatedAccessToken)

  app.post<{ Body: CreateAccessToken }>('/v1/access-tokens', {
    schema: operations.createAccessToken,
    config: { ...config, auditAction: 'access_token.created' },
    onRequest: mayWrite,
    handler: async (request, reply) => {
      const { body } = request
      const name = parseNameField(body.name)
      const scopes = scopesOf(body)
      const workspaceId = body.instance ? null : (await callerOf(request, ports.workspaces)).workspaceId
      if (workspaceId !== null && scopes.includes('manage_workspaces')) {
        throw fault('scopes', 'manage_workspaces is for instance tokens')
      }
      const answer = await createAccessToken(ports, {
        ...commandOf(request),
        idempotent: idempotentIn(request, workspaceId),
        workspaceId,
        name,
        scopes,
        environment: body.environment ?? null,
        lifeMs: body.expiresInSeconds === undefined ? null : body.expiresInSeconds * 1000,
        render: rendererFor(await rotationPolicyOf(ports.settings, workspaceId)),
      })
      return reply.code(201).header('cache-control', 'no-store').type('application/json').send(answer)
    },
  })

  app.get<{ Querystring: ListQuery }>('/v1/access-tokens', {
    schema: operations.listAccessTokens,
    config,
    onRequest: mayRead,
    handler: async (request) => {
      const page = parsePage(request.query)
      const workspaceId = await listedWorkspace(ports, request, request.query.instance === 'true')
      const policy = await rotationPolicyOf(ports.settings, workspaceId)
      const nowMs = ports.system.nowMs()
      const overdue = overdueFilter(request.query, policy, nowMs)
      if (overdue === null) return { data: [], nextCursor: null }
      await ports.uses.flush()
      const filter = { ...overdue, nowMs }
      const read = (after: string | null, limit: number) => ports.accessTokens.page(workspaceId, filter, after, limit)
      return pageOf(page, read, (token) => toListedToken(token, policy, nowMs))
    },
  })

  app.delete<{ Params: { id: string }; Querystring: { cascade?: string } }>('/v1/access-tokens/:id', {
    schema: operations.revokeAccessToken,
    config: { ...config, auditAction: 'access_token.revoked' },
    onRequest: mayWrite,
    handler: async (request, reply) => {
      const place = await placeOf(ports, request)
      const cascade = request.query.cascade === 'true'
      const command = { ...commandOf(request), place, id: idParam(request), cascade }
      const epoch = await revokeAccessToken(ports, command)
      return reply.code(204).header(headers.revocationEpoch, epoch).send()
    },
  })

  app.post<{ Params: { id: string }; Body: RotateAccessToken }>('/v1/access-tokens/:id/rotate', {
    schema: operations.rotateAccessToken,
    config: { ...config, auditAction: 'access_token.rotated' },
    onRequest: mayWrite,
    handler: async (request, reply) => {
      const place = await placeOf(ports, request)
      const graceMs = request.body.oldTokenValidForSeconds * 1000
      const idempotent = idempotentIn(request, place.workspaceId)
      const id = idParam(request)
      const render = rendererFor(await policyOfToken(ports, place, id))
      const command = { ...commandOf(request), idempotent, place, id, graceMs, render }
      const answer = await rotateAccessToken(ports, command)
      return reply.code(201).header('cache-control', 'no-store').type('application/json').send(answer)
    },
  })
}

function commandOf(request: FastifyRequest) {
  const credential = credentialOf(request)
  return { actor: { ...actorOf(credential), id: credential.tokenId }, requestId: request.id, ip: request.ip }
}

function idempotentIn(request: FastifyRequest, workspaceId: WorkspaceId | null) {
  const { tokenId } = credentialOf(request)
  return idempotentRequest(request, { tokenId, workspaceId: workspaceId ?? 'instance' })
}

function scopesOf({ scopes, preset }: CreateAccessToken): readonly Scope[] {
  if (scopes && preset) throw fault('preset', 'preset must not be given together with scopes')
  if (preset) return presets[preset]
  if (!scopes) throw fault('scopes', 'scopes or preset is required')
  return scopes
}

async function listedWorkspace(ports: AccessTokenRoutePorts, request: FastifyRequest, ofInstance: boolean) {
  if (!ofInstance) return (await callerOf(request, ports.workspaces)).workspaceId
  if (!managesInstance(request)) throw new DomainError('scope_missing')
  return null
}

/**
 * Where the caller may look for the token that the path names. One that manages the instance gets at an instance token
 * without naming a workspace, even where there are several.
 */
async function placeOf(
  ports: AccessTokenRoutePorts,
  request: FastifyRequest<{ Params: { id: string } }>,
): Promise<TokenPlace> {
  const withInstanceTokens = managesInstance(request)
  if (withInstanceTokens && namedWorkspace(request) === undefined) {
    const ofInstance = { workspaceId: null, withInstanceTokens }
    if (await ports.accessTokens.find(idParam(request), ofInstance)) return ofInstance
  }
  return { workspaceId: (await callerOf(request, ports.workspaces)).workspaceId, withInstanceTokens }
}

/** A token at that place may be one of the instance, to which no policy applies. */
async function policyOfToken(ports: AccessTokenRoutePorts, place: TokenPlace, id: string): Promise<RotationPolicy> {
  const token = await ports.accessTokens.find(id, place)
  return rotationPolicyOf(ports.settings, token?.workspaceId ?? null)
}

function managesInstance(request: FastifyRequest): boolean {
  const credential = credentialOf(request)
  return credential.workspaceId === null && mayDo(credential, 'manage_workspaces')
}

function fault(field: string, message: string): Refusal {
  return new Refusal('fields_invalid', { faults: [{ field, message, isTypeMismatch: false }] })
}
