import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** What a log line may tell of a request: a list of what is allowed fails closed, one of what is forbidden does not. */
function logEntry(request: FastifyRequest, reply: FastifyReply) {
  return {
    requestId: request.id,
    clientRequestId: clientRequestId(request),
    method: request.method,
    route: request.routeOptions.url ?? null,
    status: reply.statusCode,
    refusal: request.refusal,
    durationMs: Math.round(reply.elapsedTime * 10) / 10,
    tokenId: request.authenticated?.credential.tokenId ?? null,
    workspaceId: request.workspaceId,
    ip: request.ip,
  }
}

/** One line for each request of the control plane; of verifications only the failed ones. */
export function requestLog(app: FastifyInstance): void {
  app.addHook('onResponse', (request, reply, done) => {
    if (request.routeOptions.config?.log !== 'errors' || reply.statusCode >= 400) {
      request.log.info(logEntry(request, reply), 'request')
    }
    done()
  })
}

/** A claim of the client's, kept short and printable; never used for anything. */
function clientRequestId(request: FastifyRequest): string | null {
  const value = request.headers['x-request-id']
  return typeof value === 'string' ? value.slice(0, 128).replaceAll(/[^\x21-\x7e]/g, '?') : null
}
