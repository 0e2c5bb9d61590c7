import type { FastifyRequest } from 'fastify'
import type { RefusalRecorder } from '../../audit/refusal-recorder.ts'
import { actorOf, auditChainOf, signerOf } from '../caller.ts'
import type { Refusal, RefusalKind } from '../refusal.ts'
import type { RefusalListener } from './error-answers.ts'

/** Our own failures and requests that name nothing are no refusals of anybody's action. */
const unrecorded: ReadonlySet<RefusalKind> = new Set([
  'server_error',
  'store_unavailable',
  'lease_lost',
  'too_many_lookups',
  'too_many_streams',
  'route_unknown',
  'method_unknown',
])

const credentialRefusals: ReadonlySet<RefusalKind> = new Set([
  'token_invalid',
  'scope_missing',
  'rate_limit_exceeded',
  'origin_mismatch',
  'signature_missing',
  'timestamp_malformed',
  'timestamp_out_of_range',
  'signature_malformed',
  'signature_invalid',
  'signature_replayed',
])

/** Hands refusals to the audit log: those of a credential on every route, all others where a change was refused. */
export function recordRefusals(recorder: RefusalRecorder): RefusalListener {
  return {
    onRefusal(refusal, request) {
      const { auditAction } = request.routeOptions.config ?? {}
      if (unrecorded.has(refusal.kind) || !(auditAction || credentialRefusals.has(refusal.kind))) return
      recorder.note({
        chain: auditChainOf(request),
        action: auditAction ?? 'access.refused',
        actor: actor(request, refusal),
        code: refusal.kind,
        method: request.method,
        route: request.routeOptions.url ?? '',
        requestId: request.id,
        ip: request.ip,
      })
    },
  }
}

function actor(request: FastifyRequest, refusal: Refusal) {
  const { authenticated, signer } = request
  if (signer) return signerOf(signer)
  if (authenticated && refusal.kind !== 'token_invalid') return actorOf(authenticated.credential)
  return { type: 'address', id: request.ip, name: null } as const
}
