import { headers, operations } from '@cutover/contract'
import type { FastifyInstance } from 'fastify'
import type { CredentialCache } from '../../access-tokens/credential-cache.ts'
import { DomainError } from '../../domain-error.ts'
import { type DeletePorts, deleteIdentitySecret } from '../../identity-secrets/delete-identity-secret.ts'
import { parseIdentitySecretId } from '../../identity-secrets/identity-secret.ts'
import { type QuietPorts, quietGuard } from '../../usage/assert-quiet.ts'
import type { WorkspaceDirectory } from '../../workspaces/workspace-directory.ts'
import { callerOf } from '../caller.ts'
import { authorize } from '../plugins/authorization.ts'
import { problemDialect } from '../problem.ts'
import { parseQuiet } from './quiet-field.ts'

export interface DeleteIdentitySecretPorts extends DeletePorts {
  readonly credentials: CredentialCache
  readonly workspaces: WorkspaceDirectory
  readonly quiet: QuietPorts
}

export function deleteIdentitySecretRoute(app: FastifyInstance, ports: DeleteIdentitySecretPorts): void {
  app.delete<{ Params: { id: string }; Querystring: { ifQuietForSeconds?: string } }>('/v1/identity-secrets/:id', {
    schema: operations.deleteIdentitySecret,
    config: { dialect: problemDialect, auditAction: 'identity_secret.deleted' },
    onRequest: authorize(ports.credentials, 'write_secure_mode_secret'),
    handler: async (request, reply) => {
      const quietMs = parseQuiet('ifQuietForSeconds', request.query.ifQuietForSeconds, 0)
      const { workspaceId, actor } = await callerOf(request, ports.workspaces)
      const id = parseIdentitySecretId(request.params.id)
      if (id === null) throw new DomainError('secret_unknown')
      const command = { workspaceId, id, actor, requestId: request.id, ip: request.ip }
      const guard = quietMs === null ? {} : { guard: await quietGuard(ports.quiet, quietMs) }
      const epoch = await deleteIdentitySecret(ports, { ...command, ...guard })
      return reply.code(204).header(headers.revocationEpoch, epoch).send()
    },
  })
}
