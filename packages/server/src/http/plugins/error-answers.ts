import { headers } from '@cutover/contract'
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Dialect } from '../dialect.ts'
import { errorListDialect } from '../error-list.ts'
import { problemDialect } from '../problem.ts'
import { Refusal, toRefusal } from '../refusal.ts'
import { KnownPaths } from './known-paths.ts'
import { withdrawStanding } from './rate-limit.ts'
import { isLoggedWhenRefused, logRequest } from './request-log.ts'

export interface RefusalListener {
  onRefusal(refusal: Refusal, request: FastifyRequest): void
}

export type Refuse = (error: unknown, request: FastifyRequest, reply: FastifyReply) => FastifyReply

/** The one place where an error becomes an answer. */
export function refuseTo(listener: RefusalListener, logger: FastifyBaseLogger): Refuse {
  return (error, request, reply) => {
    const refusal = toRefusal(error)
    request.refusal = refusal.kind
    if (refusal.kind === 'server_error' || refusal.kind === 'store_unavailable') {
      logger.error({ requestId: request.id, err: refusal.cause }, 'request failed')
    }
    if (refusal.kind === 'token_invalid') withdrawStanding(reply)
    listener.onRefusal(refusal, request)
    dialectOf(request).refuse(refusal, request, reply.header(headers.requestId, request.id))
    if (isLoggedWhenRefused(request)) logRequest(logger, request, reply)
    return reply
  }
}

export function errorAnswers(app: FastifyInstance, refuse: Refuse): void {
  const known = new KnownPaths(app)
  app.setErrorHandler(refuse)
  app.setNotFoundHandler((request, reply) => {
    const methods = known.methodsOf(request.url)
    if (methods === null) return refuse(new Refusal('route_unknown'), request, reply)
    const allow = [...methods, 'OPTIONS'].join(', ')
    if (request.method === 'OPTIONS') return reply.code(204).header('allow', allow).send()
    return refuse(new Refusal('method_unknown', { allow }), request, reply)
  })
}

/** By the route; where there is none, by the path. */
function dialectOf(request: FastifyRequest): Dialect {
  const { dialect } = request.routeOptions.config ?? {}
  return dialect ?? (request.url.startsWith('/v1/') ? problemDialect : errorListDialect)
}
