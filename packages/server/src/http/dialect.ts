import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Refusal } from './refusal.ts'

/** How one family of routes words its errors. A dialect never leaks into another. */
export interface Dialect {
  refuse(refusal: Refusal, request: FastifyRequest, reply: FastifyReply): FastifyReply
}

/** Seconds after which a 503 may be tried again. */
export const retryAfterSeconds = 1

/**
 * RFC 6750, section 3: `error` only when a token was presented, so that a client that sent none is not told that its
 * token is bad.
 */
export function authenticateChallenge(request: FastifyRequest): string {
  const realm = 'Bearer realm="cutover"'
  return request.headers.authorization === undefined ? realm : `${realm}, error="invalid_token"`
}
