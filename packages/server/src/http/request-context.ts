import type { AuditAction, Scope } from '@cutover/contract'
import type { Authenticated } from '../access-tokens/credential-cache.ts'
import type { RateLimits } from '../rate-limits/rate-limits.ts'
import type { Dialect } from './dialect.ts'
import type { Signer } from './integrator/signed-request.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** `null`: the operator set no limit. */
    rateLimits: RateLimits | null
  }

  interface FastifyRequest {
    /** Who calls, once the token was found good; `null` on routes that ask for none. */
    authenticated: Authenticated | null
    /** Who signed, once the signature was found good; `null` on requests that are not signed. */
    signer: Signer | null
    /** The workspace that the call turned out to be about. */
    workspaceId: string | null
    /** Why it was refused, for log and audit. */
    refusal: string | null
    /** When its headers had arrived, on the clock of `performance.now`. */
    startedMs: number
    /** The body as it arrived, where a route needs its exact bytes. */
    rawBody: Buffer | null
  }

  interface FastifyContextConfig {
    /** How errors on this route are worded. Without it, by the path. */
    dialect?: Dialect
    scope?: Scope
    /** The action that a refusal of this route is recorded under. Without it only refused credentials are. */
    auditAction?: AuditAction
    /** `errors`: answers without one are too many, and too alike, to be logged. */
    log?: 'all' | 'errors'
    /** The handler reads the body itself: its very bytes are signed. */
    readsRawBody?: true
  }
}
