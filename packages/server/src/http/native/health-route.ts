import { type Health, operations } from '@cutover/contract'
import type { FastifyInstance } from 'fastify'
import type { CredentialCache } from '../../access-tokens/credential-cache.ts'
import { credentialOf, namedWorkspace } from '../caller.ts'
import { authorize } from '../plugins/authorization.ts'
import { problemDialect } from '../problem.ts'
import { type OwnCredentialPorts, toOwnCredential } from './credential-wire.ts'

export interface HealthPorts extends OwnCredentialPorts {
  readonly credentials: CredentialCache
}

/** Tells the holder of a token what it is: the check that a new one works before the old one is revoked. */
export function healthRoute(app: FastifyInstance, ports: HealthPorts): void {
  app.get('/health', {
    schema: operations.health,
    config: { dialect: problemDialect },
    onRequest: authorize(ports.credentials),
    handler: async (request): Promise<Health> => {
      const own = await toOwnCredential(ports, credentialOf(request), namedWorkspace(request))
      return { status: 'ok', ...own }
    },
  })
}
