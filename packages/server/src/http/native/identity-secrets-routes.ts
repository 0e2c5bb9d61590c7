import {
  type CreateIdentitySecret,
  type DisableIdentitySecret,
  type EditIdentitySecret,
  headers,
  type IdentitySecret as IdentitySecretWire,
  operations,
  type RetireIdentitySecret,
  type RotateIdentitySecret,
} from '@cutover/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { CredentialCache } from '../../access-tokens/credential-cache.ts'
import { DomainError } from '../../domain-error.ts'
import type { Answered } from '../../idempotency/answer-once.ts'
import {
  type ChangedSecret,
  changeIdentitySecret,
  type SecretCommand,
  type Transition,
} from '../../identity-secrets/change-identity-secret.ts'
import { type CreatePorts, createIdentitySecret } from '../../identity-secrets/create-identity-secret.ts'
import { type ManagedSecret, parseIdentitySecretId } from '../../identity-secrets/identity-secret.ts'
import type { IdentitySecretReader } from '../../identity-secrets/ports.ts'
import { restoreIdentitySecret } from '../../identity-secrets/restore-identity-secret.ts'
import { rotateIdentitySecret, type Start } from '../../identity-secrets/rotate-identity-secret.ts'
import { cancelRetirement, disable, edit, enable, retire } from '../../identity-secrets/transitions.ts'
import type { SettingsStore } from '../../workspaces/ports.ts'
import { type RotationPolicy, rotationPolicyOf } from '../../workspaces/rotation-policy.ts'
import type { WorkspaceId } from '../../workspaces/workspace.ts'
import type { WorkspaceDirectory } from '../../workspaces/workspace-directory.ts'
import { callerOf } from '../caller.ts'
import { idempotentRequest } from '../idempotency-key.ts'
import { pageOf, parsePage } from '../page.ts'
import { authorize } from '../plugins/authorization.ts'
import { problemDialect } from '../problem.ts'
import { Refusal } from '../refusal.ts'
import { toCreatedIdentitySecret, toIdentitySecret } from './identity-secret-wire.ts'
import { parseNameField } from './name-field.ts'
import { overdueFilter } from './overdue.ts'

export interface IdentitySecretsRoutePorts extends CreatePorts {
  readonly credentials: CredentialCache
  readonly workspaces: WorkspaceDirectory
  readonly secrets: IdentitySecretReader
  readonly settings: Pick<SettingsStore, 'find'>
}

interface OfSecret {
  Params: { id: string }
}

const defaultGraceSeconds = 86_400

/** Identity secrets in the native dialect: their whole life. Their delete is beside its guard, in its own file. */
export function identitySecretsRoutes(app: FastifyInstance, ports: IdentitySecretsRoutePorts): void {
  const onRead = authorize(ports.credentials, 'read_secure_mode_secret')
  const onRequest = authorize(ports.credentials, 'write_secure_mode_secret')
  const config = { dialect: problemDialect }

  app.get<{ Querystring: { limit?: string; cursor?: string; state?: 'live' | 'all'; overdue?: string } }>(
    '/v1/identity-secrets',
    {
      schema: operations.listIdentitySecrets,
      config,
      onRequest: onRead,
      handler: async (request) => {
        const page = parsePage(request.query)
        const { workspaceId } = await callerOf(request, ports.workspaces)
        const policy = await policyOf(ports, workspaceId)
        const nowMs = ports.system.nowMs()
        const overdue = overdueFilter(request.query, policy, nowMs)
        if (overdue === null) return { data: [], nextCursor: null }
        const filter = { ...overdue, state: request.query.state ?? 'live', nowMs }
        const read = (after: string | null, limit: number) => ports.secrets.page(workspaceId, filter, after, limit)
        return pageOf(page, read, (secret) => toIdentitySecret(secret, policy, nowMs))
      },
    },
  )

  app.get<OfSecret>('/v1/identity-secrets/:id', {
    schema: operations.readIdentitySecret,
    config,
    onRequest: onRead,
    handler: async (request) => {
      const { workspaceId } = await callerOf(request, ports.workspaces)
      const secret = await ports.secrets.find(workspaceId, idOf(request))
      if (!secret) throw new DomainError('secret_unknown')
      return toIdentitySecret(secret, await policyOf(ports, workspaceId), ports.system.nowMs())
    },
  })

  app.post<{ Body: CreateIdentitySecret }>('/v1/identity-secrets', {
    schema: operations.createIdentitySecret,
    config: { ...config, auditAction: 'identity_secret.created' },
    onRequest,
    handler: async (request, reply) => {
      const { body } = request
      const { web = false, ios = false, android = false } = body.platforms
      if (!(web || ios || android)) throw new DomainError('no_platform')
      const name = parseNameField(body.name)
      const { workspaceId, actor, tokenId } = await callerOf(request, ports.workspaces)
      const policy = await policyOf(ports, workspaceId)
      const answer = await createIdentitySecret(ports, {
        ...{ workspaceId, actor, name, requestId: request.id, ip: request.ip },
        platforms: { web, ios, android },
        imported: body.secret ?? null,
        idempotent: idempotentRequest(request, { tokenId, workspaceId }),
        render: rendererFor(ports, policy),
      })
      return sendCreated(reply, answer)
    },
  })

  app.patch<OfSecret & { Body: EditIdentitySecret }>('/v1/identity-secrets/:id', {
    schema: operations.editIdentitySecret,
    config: { ...config, auditAction: 'identity_secret.edited' },
    onRequest,
    handler: (request, reply) => {
      const { name, platforms } = request.body
      const fields = {
        ...(name === undefined ? {} : { name: parseNameField(name) }),
        ...(platforms ? { platforms } : {}),
      }
      return change(ports, request, reply, edit(fields))
    },
  })

  app.post<OfSecret & { Body: DisableIdentitySecret }>('/v1/identity-secrets/:id/disable', {
    schema: operations.disableIdentitySecret,
    config: { ...config, auditAction: 'identity_secret.disabled' },
    onRequest,
    handler: (request, reply) => {
      const { revertAfterSeconds } = request.body
      return change(ports, request, reply, disable(revertAfterSeconds === undefined ? null : revertAfterSeconds * 1000))
    },
  })

  app.post<OfSecret>('/v1/identity-secrets/:id/enable', {
    schema: operations.enableIdentitySecret,
    config: { ...config, auditAction: 'identity_secret.enabled' },
    onRequest,
    handler: (request, reply) => change(ports, request, reply, enable),
  })

  app.post<OfSecret & { Body: RetireIdentitySecret }>('/v1/identity-secrets/:id/retire', {
    schema: operations.retireIdentitySecret,
    config: { ...config, auditAction: 'identity_secret.retired' },
    onRequest,
    handler: (request, reply) => change(ports, request, reply, retire(request.body.afterSeconds * 1000)),
  })

  app.post<OfSecret>('/v1/identity-secrets/:id/cancel-retirement', {
    schema: operations.cancelRetirement,
    config: { ...config, auditAction: 'identity_secret.retirement_canceled' },
    onRequest,
    handler: (request, reply) => change(ports, request, reply, cancelRetirement),
  })

  app.post<OfSecret & { Body: RotateIdentitySecret }>('/v1/identity-secrets/:id/rotate', {
    schema: operations.rotateIdentitySecret,
    config: { ...config, auditAction: 'identity_secret.rotated' },
    onRequest,
    handler: async (request, reply) => {
      const { name, graceSeconds = defaultGraceSeconds } = request.body
      const start = startOf(request.body, graceSeconds)
      const parsedName = name === undefined ? null : parseNameField(name)
      const command = await commandOf(ports, request)
      const answer = await rotateIdentitySecret(ports, {
        ...command,
        name: parsedName,
        graceMs: graceSeconds * 1000,
        start,
        idempotent: idempotentRequest(request, { tokenId: command.actor.id, workspaceId: command.workspaceId }),
        render: rendererFor(ports, await policyOf(ports, command.workspaceId)),
      })
      return sendCreated(reply, answer)
    },
  })

  app.post<OfSecret>('/v1/identity-secrets/:id/restore', {
    schema: operations.restoreIdentitySecret,
    config: { ...config, auditAction: 'identity_secret.restored' },
    onRequest,
    handler: async (request, reply) => {
      const command = await commandOf(ports, request)
      const policy = await policyOf(ports, command.workspaceId)
      return sendChanged(reply, await restoreIdentitySecret(ports, command), policy, ports.system.nowMs())
    },
  })
}

function idOf(request: FastifyRequest<OfSecret>) {
  const id = parseIdentitySecretId(request.params.id)
  if (id === null) throw new DomainError('secret_unknown')
  return id
}

async function commandOf(ports: IdentitySecretsRoutePorts, request: FastifyRequest<OfSecret>): Promise<SecretCommand> {
  const { workspaceId, actor } = await callerOf(request, ports.workspaces)
  return { workspaceId, id: idOf(request), actor, requestId: request.id, ip: request.ip }
}

async function change(
  ports: IdentitySecretsRoutePorts,
  request: FastifyRequest<OfSecret>,
  reply: FastifyReply,
  transition: Transition,
) {
  const command = await commandOf(ports, request)
  const policy = await policyOf(ports, command.workspaceId)
  return sendChanged(reply, await changeIdentitySecret(ports, command, transition), policy, ports.system.nowMs())
}

function sendChanged(
  reply: FastifyReply,
  { secret, epoch }: ChangedSecret,
  policy: RotationPolicy,
  nowMs: number,
): IdentitySecretWire {
  reply.header(headers.revocationEpoch, epoch)
  return toIdentitySecret(secret, policy, nowMs)
}

function sendCreated(reply: FastifyReply, { body, epoch }: Answered): FastifyReply {
  reply.code(201).header('cache-control', 'no-store').header(headers.revocationEpoch, epoch)
  return reply.type('application/json').send(body)
}

function rendererFor(ports: IdentitySecretsRoutePorts, policy: RotationPolicy) {
  return (secret: ManagedSecret, material: string) =>
    JSON.stringify(toCreatedIdentitySecret(secret, material, policy, ports.system.nowMs()))
}

function policyOf({ settings }: IdentitySecretsRoutePorts, workspaceId: WorkspaceId): Promise<RotationPolicy> {
  return rotationPolicyOf(settings, workspaceId)
}

function startOf({ start = 'now', noLaterThanSeconds }: RotateIdentitySecret, graceSeconds: number): Start {
  if (start === 'now') {
    if (noLaterThanSeconds !== undefined) throw fault('noLaterThanSeconds', 'goes with start first_use only')
    return { kind: 'now' }
  }
  if (noLaterThanSeconds === undefined) throw fault('noLaterThanSeconds', 'is required with start first_use')
  if (graceSeconds < 60) throw fault('graceSeconds', 'must be at least 60 with start first_use')
  return { kind: 'first_use', noLaterThanMs: noLaterThanSeconds * 1000 }
}

function fault(field: string, rest: string): Refusal {
  return new Refusal('fields_invalid', { faults: [{ field, message: `${field} ${rest}`, isTypeMismatch: false }] })
}
