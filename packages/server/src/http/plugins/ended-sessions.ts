import type { FastifyInstance, preHandlerHookHandler } from 'fastify'
import type { CredentialCache } from '../../access-tokens/credential-cache.ts'
import { authorizeAgain } from './authorization.ts'

/**
 * A session that ended while the body of its request was still arriving does not make the change that is asked for. (A
 * token is checked once more in the transaction itself; verifications check theirs with each comparison.)
 */
export function endedSessions(app: FastifyInstance, credentials: CredentialCache): void {
  const check: preHandlerHookHandler = (request, _reply, done) => {
    const { authenticated } = request
    if (!authenticated?.session || credentials.isCurrent(authenticated)) return done()
    authorizeAgain(credentials, request, undefined).then(() => done(), done)
  }
  app.addHook('onRoute', (route) => {
    if (route.config?.auditAction !== undefined) route.preHandler = [...[route.preHandler ?? []].flat(), check]
  })
}
