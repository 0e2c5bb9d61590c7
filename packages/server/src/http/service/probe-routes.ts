import { operations } from '@cutover/contract'
import type { FastifyInstance } from 'fastify'
import { retryAfterSeconds } from '../dialect.ts'

export interface ProbePorts {
  /** Rejects when the store does not answer. */
  pingStore(): Promise<void>
  isStopping(): boolean
  isOwner(): boolean
}

/** For the platform that runs the process: is it alive, and may traffic be sent to it. */
export function probeRoutes(app: FastifyInstance, ports: ProbePorts): void {
  const config = { log: 'errors' } as const

  app.get('/livez', { schema: operations.liveness, config, handler: () => ({ status: 'ok' }) })

  app.get('/readyz', {
    schema: operations.readiness,
    config,
    handler: async (_request, reply) => {
      const answers = await ports.pingStore().then(
        () => true,
        () => false,
      )
      const store = answers && ports.isOwner() ? 'ok' : 'unavailable'
      if (store === 'ok' && !ports.isStopping()) return { status: 'ok', store }
      return reply.code(503).header('retry-after', retryAfterSeconds).send({ status: 'unavailable', store })
    },
  })
}
