import { headers } from '@cutover/contract'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Dialect } from '../dialect.ts'
import { errorListDialect } from '../error-list.ts'
import { problemDialect } from '../problem.ts'
import { Refusal, toRefusal } from '../refusal.ts'
import { KnownPaths } from './known-paths.ts'

export interface RefusalListener {
  onRefusal(refusal: Refusal, request: FastifyRequest): void
}

export type Refuse = (error: unknown, request: FastifyRequest, reply: FastifyReply) => FastifyReply

/** The one place where an error becomes an answer. */
export function refuseTo(listener: RefusalListener): Refuse {
  return (error, request, reply) => {
    const refusal = toRefusal(error)
    request.refusal = refusal.kind
    if (refusal.kind === 'server_error' || refusal.kind === 'store_unavailable') {
      request.log.error({ requestId: request.id, err: refusal.cause }, 'request failed')
    }
    listener.onRefusal(refusal, request)
    return dialectOf(request).refuse(refusal, request, reply.header(headers.requestId, request.id))
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
