import type { Problem } from '@cutover/contract'
import type { FastifyRequest } from 'fastify'
import { isoTime } from '../../iso-time.ts'
import { authenticateChallenge, type Dialect, setRetryAfter } from '../dialect.ts'
import { problemBody } from '../problem.ts'
import type { Refusal, RefusalKind } from '../refusal.ts'

const realm = 'cutover'

const ofSignature: ReadonlySet<RefusalKind> = new Set([
  'signature_missing',
  'timestamp_malformed',
  'timestamp_out_of_range',
  'signature_malformed',
  'signature_invalid',
  'signature_replayed',
])

/** The Spritz-compatible dialect: problems as elsewhere, but a missing scope is a 401, and a few say more. */
export const integratorDialect: Dialect = {
  refuse(refusal, request, reply) {
    const body = { ...bodyOf(refusal, request), ...extensionsOf(refusal) }
    if (body.status === 401) reply.header('www-authenticate', challengeOf(refusal, request))
    setRetryAfter(body.status, refusal.details, reply)
    return reply.code(body.status).type('application/problem+json').send(body)
  },
}

function bodyOf(refusal: Refusal, request: FastifyRequest): Problem {
  const body = problemBody(refusal, request)
  if (refusal.kind !== 'scope_missing') return body
  const title = 'The access token lacks the scope'
  return { ...body, type: 'urn:cutover:problem:unauthorized', code: 'unauthorized', status: 401, title }
}

/** Extension members of a problem (RFC 9457, section 3.2). */
function extensionsOf({ kind, details }: Refusal): Partial<Problem> {
  switch (kind) {
    case 'token_invalid':
    case 'signature_missing':
    case 'timestamp_malformed':
    case 'signature_malformed':
    case 'signature_invalid':
    case 'signature_replayed':
      return { realm }
    case 'scope_missing':
      return { realm, ...(details.scope ? { scope: details.scope } : {}) }
    case 'timestamp_out_of_range': {
      const { skew } = details
      return { realm, ...(skew ? { serverTime: isoTime(skew.serverTimeMs), skewMs: skew.skewMs } : {}) }
    }
    case 'integrator_unknown':
      return { resourceType: 'integrator', ...(details.subject === undefined ? {} : { resourceId: details.subject }) }
    default:
      return {}
  }
}

/** RFC 9110, section 11.6.1: a 401 names a scheme. That of a signature is our own. */
function challengeOf({ kind, details }: Refusal, request: FastifyRequest): string {
  if (ofSignature.has(kind)) return `Cutover-Signature realm="${realm}"`
  if (kind !== 'scope_missing') return authenticateChallenge(request)
  return `Bearer realm="${realm}", error="insufficient_scope", scope="${details.scope ?? ''}"`
}
