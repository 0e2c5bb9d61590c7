import { hash, timingSafeEqual } from 'node:crypto'
import { operations } from '@cutover/contract'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { refuseStranger } from '../plugins/rate-limit.ts'
import { problemDialect } from '../problem.ts'

export interface MetricsPorts {
  /** Prometheus text exposition format. */
  exposition(): Promise<string>
  readonly token: string | undefined
}

export function metricsRoute(app: FastifyInstance, ports: MetricsPorts): void {
  app.get('/metrics', {
    schema: operations.metrics,
    config: { dialect: problemDialect, log: 'errors' },
    onRequest: async (request) => {
      if (ports.token !== undefined && !presents(request, ports.token)) throw refuseStranger(request)
    },
    handler: async (_request, reply) => {
      const text = await ports.exposition()
      return reply.type('text/plain; version=0.0.4; charset=utf-8').serializer(String).send(text)
    },
  })
}

/** Compares hashes: of equal length, and without telling how much of the token was right. */
function presents(request: FastifyRequest, token: string): boolean {
  const presented = request.headers.authorization ?? ''
  return timingSafeEqual(hash('sha256', presented, 'buffer'), hash('sha256', `Bearer ${token}`, 'buffer'))
}
