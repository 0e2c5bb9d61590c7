import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/**
 * One line for each request of the control plane when it is answered. Of verifications, and of what has no route, only
 * refusals are logged, where they are refused.
 */
export function requestLog(app: FastifyInstance, logger: FastifyBaseLogger): void {
  app.addHook('onRoute', (route) => {
    if (route.config?.log === 'errors') return
    const existing = [route.onResponse ?? []].flat()
    route.onResponse = [
      ...existing,
      (request, reply, done) => {
        logRequest(logger, request, reply)
        done()
      },
    ]
  })
}

/** Whether a refusal has to be logged by whoever refuses, since no hook of the route will. */
export function isLoggedWhenRefused(request: FastifyRequest): boolean {
  const { config, url } = request.routeOptions
  return url === undefined || config?.log === 'errors'
}

/** What a log line may tell of a request: a list of what is allowed fails closed, one of what is forbidden does not. */
export function logRequest(logger: FastifyBaseLogger, request: FastifyRequest, reply: FastifyReply): void {
  const entry = {
    requestId: request.id,
    clientRequestId: clientRequestId(request),
    method: request.method,
    route: request.routeOptions.url ?? null,
    status: reply.statusCode,
    refusal: request.refusal,
    durationMs: Math.round(reply.elapsedTime * 10) / 10,
    integratorId: request.signer?.by.integrator.id ?? null,
    tokenId: request.authenticated?.credential.tokenId ?? null,
    workspaceId: request.workspaceId,
    ip: request.ip,
  }
  logger.info(entry, 'request')
}

/** A claim of the client's, kept short and printable; never used for anything. */
function clientRequestId(request: FastifyRequest): string | null {
  const value = request.headers['x-request-id']
  return typeof value === 'string' ? value.slice(0, 128).replaceAll(/[^\x21-\x7e]/g, '?') : null
}
