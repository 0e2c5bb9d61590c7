import { type Health, operations } from '@cutover/contract'
import type { FastifyInstance } from 'fastify'
import type { CredentialCache } from '../../access-tokens/credential-cache.ts'
import { isoTime } from '../../iso-time.ts'
import type { WorkspaceDirectory } from '../../workspaces/workspace-directory.ts'
import { credentialOf, namedWorkspace } from '../caller.ts'
import { authorize } from '../plugins/authorization.ts'
import { problemDialect } from '../problem.ts'

export interface HealthPorts {
  readonly credentials: CredentialCache
  readonly workspaces: WorkspaceDirectory
}

/** Tells the holder of a token what it is: the check that a new one works before the old one is revoked. */
export function healthRoute(app: FastifyInstance, ports: HealthPorts): void {
  app.get('/health', {
    schema: operations.health,
    config: { dialect: problemDialect },
    onRequest: authorize(ports.credentials),
    handler: async (request): Promise<Health> => {
      const credential = credentialOf(request)
      const named = namedWorkspace(request)
      const isInstanceToken = credential.workspaceId === null && named === undefined
      const workspaceId = isInstanceToken
        ? await ports.workspaces.only()
        : await ports.workspaces.resolveExisting(credential, named)
      return {
        status: 'ok',
        workspaceId,
        tokenName: credential.tokenName,
        environment: credential.environment,
        scopes: [...credential.scopes],
        expiresAt: isoTime(credential.expiresAtMs),
      }
    },
  })
}
