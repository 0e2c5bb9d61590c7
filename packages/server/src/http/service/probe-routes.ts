import { operations } from '@cutover/contract'
import type { FastifyInstance } from 'fastify'
import { retryAfterSeconds } from '../dialect.ts'

export interface ProbePorts {
  /** Rejects when the store does not answer. */
  pingStore(): Promise<void>
  isStopping(): boolean
  /** Whether this node may answer from memory. */
  holdsLease(): boolean
}

/** Platforms give a probe a second by default: a store that does not answer must not look like a dead process. */
const pingTimeoutMs = 500

/** For the platform that runs the process: is it alive, and may traffic be sent to it. */
export function probeRoutes(app: FastifyInstance, ports: ProbePorts): void {
  const config = { log: 'errors' } as const

  app.get('/livez', { schema: operations.liveness, config, handler: () => ({ status: 'ok' }) })

  app.get('/readyz', {
    schema: operations.readiness,
    config,
    handler: async (_request, reply) => {
      const store = await within(pingTimeoutMs, ports.pingStore()).then(
        () => 'ok',
        () => 'unavailable',
      )
      // Without the store a node still verifies while its lease lasts: taken out of traffic, it would not.
      if (ports.holdsLease() && !ports.isStopping()) return { status: 'ok', store }
      return reply.code(503).header('retry-after', retryAfterSeconds).send({ status: 'unavailable', store })
    },
  })
}

async function within(milliseconds: number, work: Promise<void>): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error('too late')), milliseconds)
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
