import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Authenticated } from '../../access-tokens/credential-cache.ts'
import type { AnsweredRead } from '../../audit/record-read.ts'
import { actorOf, auditChainOf } from '../caller.ts'

/**
 * Hands each read that succeeded to the audit log, before its answer goes out: what cannot be recorded is not shown.
 * Verifications are no reads, and what needs no access token is open to all.
 */
export function recordReads(app: FastifyInstance, record: (read: AnsweredRead) => Promise<void>): void {
  app.addHook('onSend', async (request, reply) => {
    const { authenticated } = request
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    if (isRead && authenticated && reply.statusCode < 300) await record(toRead(request, authenticated))
  })
}

function toRead(request: FastifyRequest, { credential }: Authenticated): AnsweredRead {
  return {
    chain: auditChainOf(request),
    actor: actorOf(credential),
    method: request.method,
    route: request.routeOptions.url ?? '',
    requestId: request.id,
    ip: request.ip,
  }
}
