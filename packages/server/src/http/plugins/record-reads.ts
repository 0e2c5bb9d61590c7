import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { AuditActor } from '../../audit/audit-entry.ts'
import type { AnsweredRead } from '../../audit/record-read.ts'
import { actorOf, auditChainOf, signerOf } from '../caller.ts'

/**
 * Hands each read that succeeded to the audit log, before its answer goes out: what cannot be recorded is not shown.
 * Verifications are no reads, and what needs no credential is open to all.
 */
export function recordReads(app: FastifyInstance, record: (read: AnsweredRead) => Promise<void>): void {
  app.addHook('onSend', async (request, reply) => {
    const actor = readerOf(request)
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    if (isRead && actor && reply.statusCode < 300) await record(toRead(request, actor))
  })
}

function readerOf({ authenticated, signer }: FastifyRequest): AuditActor | null {
  if (signer) return signerOf(signer)
  return authenticated && actorOf(authenticated.credential)
}

function toRead(request: FastifyRequest, actor: AuditActor): AnsweredRead {
  return {
    chain: auditChainOf(request),
    actor,
    method: request.method,
    route: request.routeOptions.url ?? '',
    requestId: request.id,
    ip: request.ip,
  }
}
