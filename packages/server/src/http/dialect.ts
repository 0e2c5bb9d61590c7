import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Refusal, RefusalDetails } from './refusal.ts'

/** How one family of routes words its errors. A dialect never leaks into another. */
export interface Dialect {
  refuse(refusal: Refusal, request: FastifyRequest, reply: FastifyReply): FastifyReply
}

/** Seconds after which a 503 may be tried again. */
export const retryAfterSeconds = 1

/** When to try again, on statuses that ask for it. */
export function setRetryAfter(status: number, { exceeded }: RefusalDetails, reply: FastifyReply): void {
  if (status === 503) reply.header('retry-after', retryAfterSeconds)
  if (status === 429) reply.header('retry-after', exceeded?.retryAfterSeconds ?? retryAfterSeconds)
}

/**
 * RFC 6750, section 3: `error` only when a token was presented, so that a client that sent none is not told that its
 * token is bad.
 */
export function authenticateChallenge(request: FastifyRequest): string {
  const realm = 'Bearer realm="cutover"'
  return request.headers.authorization === undefined ? realm : `${realm}, error="invalid_token"`
}
