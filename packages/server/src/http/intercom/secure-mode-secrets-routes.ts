import { type CreateSecureModeSecret, headers, operations } from '@cutover/contract'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { CredentialCache } from '../../access-tokens/credential-cache.ts'
import { type CreatePorts, createIdentitySecret } from '../../identity-secrets/create-identity-secret.ts'
import { type DeletePorts, deleteIdentitySecret } from '../../identity-secrets/delete-identity-secret.ts'
import { parseIdentitySecretId } from '../../identity-secrets/identity-secret.ts'
import type { IdentitySecretReader } from '../../identity-secrets/ports.ts'
import type { WorkspaceDirectory } from '../../workspaces/workspace-directory.ts'
import { callerOf } from '../caller.ts'
import { errorListDialect } from '../error-list.ts'
import { idempotentRequest } from '../idempotency-key.ts'
import { authorize } from '../plugins/authorization.ts'
import { type FieldFault, Refusal } from '../refusal.ts'
import { acceptIntercomVersion } from './intercom-version.ts'
import { parseCreateFields, toCreatedSecureModeSecret, toSecureModeSecret } from './secure-mode-secret-wire.ts'

export interface SecureModeSecretPorts extends CreatePorts, DeletePorts {
  readonly store: CreatePorts['store'] & DeletePorts['store']
  readonly credentials: CredentialCache
  readonly workspaces: WorkspaceDirectory
  readonly secrets: IdentitySecretReader
}

/** Identity secrets as Intercom's Preview API has them. */
export function secureModeSecretsRoutes(app: FastifyInstance, ports: SecureModeSecretPorts): void {
  const mayRead = [authorize(ports.credentials, 'read_secure_mode_secret'), acceptIntercomVersion]
  const mayWrite = [authorize(ports.credentials, 'write_secure_mode_secret'), acceptIntercomVersion]
  const config = { dialect: errorListDialect }

  app.get('/secure_mode_secrets', {
    schema: operations.listSecureModeSecrets,
    config,
    onRequest: mayRead,
    handler: async (request) => {
      const { workspaceId } = await callerOf(request, ports.workspaces)
      const secrets = await ports.secrets.list(workspaceId)
      return { type: 'list', data: secrets.map(toSecureModeSecret) }
    },
  })

  app.post<{ Body: CreateSecureModeSecret }>('/secure_mode_secrets', {
    schema: operations.createSecureModeSecret,
    config: { ...config, auditAction: 'identity_secret.created' },
    attachValidation: true,
    onRequest: mayWrite,
    handler: async (request, reply) => {
      const { name, platforms } = parseCreateFields(request.body, schemaFaults(request))
      const { workspaceId, actor, tokenId } = await callerOf(request, ports.workspaces)
      const { body, epoch } = await createIdentitySecret(ports, {
        workspaceId,
        actor,
        name,
        platforms,
        imported: null,
        requestId: request.id,
        ip: request.ip,
        idempotent: idempotentRequest(request, { tokenId, workspaceId }),
        render: (secret, material) => JSON.stringify(toCreatedSecureModeSecret(secret, material)),
      })
      reply.code(201).header('cache-control', 'no-store').header(headers.revocationEpoch, epoch)
      return reply.type('application/json').send(body)
    },
  })

  app.delete<{ Params: { id: string } }>('/secure_mode_secrets/:id', {
    schema: operations.deleteSecureModeSecret,
    config: { ...config, auditAction: 'identity_secret.deleted' },
    onRequest: mayWrite,
    handler: async (request, reply) => {
      const { workspaceId, actor } = await callerOf(request, ports.workspaces)
      const id = parseIdentitySecretId(request.params.id)
      if (id === null) throw new Refusal('secret_unknown')
      const command = { workspaceId, id, actor, requestId: request.id, ip: request.ip }
      const epoch = await deleteIdentitySecret(ports, command)
      return reply.code(204).header(headers.revocationEpoch, epoch).send()
    },
  })
}

function schemaFaults(request: FastifyRequest): readonly FieldFault[] {
  const error: unknown = request.validationError
  if (error === undefined || error === null) return []
  if (error instanceof Refusal && error.details.faults) return error.details.faults
  throw error
}
