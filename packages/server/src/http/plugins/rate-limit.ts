import { headers } from '@cutover/contract'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { DomainError } from '../../domain-error.ts'
import type { Standing } from '../../rate-limits/fixed-windows.ts'
import { Refusal } from '../refusal.ts'

/** Counts a request of a good token, or of an integrator, and tells its client where it stands: on each answer, an error or not. */
export function countCall(request: FastifyRequest, reply: FastifyReply, callerId: string): Refusal | undefined {
  const standing = request.server.rateLimits?.countCaller(callerId)
  if (!standing) return undefined
  reply.header(headers.rateLimitLimit, standing.limit)
  reply.header(headers.rateLimitRemaining, standing.remaining)
  reply.header(headers.rateLimitReset, standing.resetsAtSeconds)
  return standing.isOver ? exceeded(standing) : undefined
}

/** For a token that turned out to be no good any more after its request was counted. */
export function withdrawStanding(reply: FastifyReply): void {
  for (const name of [headers.rateLimitLimit, headers.rateLimitRemaining, headers.rateLimitReset]) {
    reply.removeHeader(name)
  }
}

/** Counts a request without a good token or signature against its address: refused it is either way. */
export function refuseStranger(
  request: FastifyRequest,
  refusal: Refusal | DomainError = new DomainError('token_invalid'),
): Refusal | DomainError {
  const standing = request.server.rateLimits?.countStranger(request.ip)
  return standing?.isOver ? exceeded(standing) : refusal
}

/** Throws where no token of this address is looked up any more: whether it is a good one then stays unknown. */
export function assertMayBeLookedUp(request: FastifyRequest): void {
  const standing = request.server.rateLimits?.foreseeStranger(request.ip)
  if (standing?.isOver) throw exceeded(standing)
}

function exceeded({ limit, retryAfterSeconds }: Standing): Refusal {
  return new Refusal('rate_limit_exceeded', { exceeded: { limit, retryAfterSeconds } })
}
