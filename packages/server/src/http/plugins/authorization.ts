import type { Scope } from '@cutover/contract'
import type { FastifyRequest, onRequestHookHandler } from 'fastify'
import { mayDo } from '../../access-tokens/access-token.ts'
import type { Authenticated, CredentialCache, Presented } from '../../access-tokens/credential-cache.ts'
import { DomainError } from '../../domain-error.ts'
import { Refusal } from '../refusal.ts'
import { presentedSessionKey } from '../session-cookie.ts'
import { crossOriginRefusal } from './own-origin.ts'
import { assertMayBeLookedUp, countCall, refuseStranger } from './rate-limit.ts'

/** RFC 6750, section 2.1; the scheme is case-insensitive (RFC 9110, section 11.1). */
const bearer = /^bearer +(\S+)$/i

/**
 * Runs before the body is read: credential first, then its rate limit, then scope. Without a scope any good token will
 * do. What `verify` allows is not limited, so that no login fails because of others; without a lease it is refused.
 */
export function authorize(credentials: CredentialCache, scope?: Scope): onRequestHookHandler {
  const isLimited = scope !== 'verify'
  return (request, reply, done) => {
    const settle = (authenticated: Authenticated | null) => {
      request.authenticated = authenticated
      if (!authenticated) return done(refuseStranger(request))
      const exceeded = isLimited ? countCall(request, reply, authenticated.credential.tokenId) : undefined
      const refusal = exceeded ?? refusalOf(authenticated, scope)
      if (!refusal) credentials.noteUse(authenticated, scope)
      done(refusal)
    }
    // To ask the store whose token it is would only keep the caller from asking another node.
    if (scope === 'verify' && !credentials.canRecall()) return done(new DomainError('lease_lost'))
    const presented = presentedBy(request)
    if (presented === undefined) return settle(null)
    const foreign = typeof presented === 'string' ? undefined : crossOriginRefusal(request)
    if (foreign) return done(foreign)
    const recalled = credentials.recall(presented)
    if (recalled !== undefined) return settle(recalled)
    credentials.lookUp(presented, () => assertMayBeLookedUp(request)).then(settle, done)
  }
}

/** Asks again whether the credential is good, after the request has waited for something. */
export async function authorizeAgain(
  credentials: CredentialCache,
  request: FastifyRequest,
  scope: Scope | undefined,
): Promise<Authenticated> {
  const presented = presentedBy(request)
  const authenticated = presented === undefined ? null : await credentials.authenticate(presented)
  const error = refusalOf(authenticated, scope)
  if (error || !authenticated) throw error ?? new DomainError('token_invalid')
  request.authenticated = authenticated
  return authenticated
}

/** Of two, the header is the one that was meant: no browser adds it by itself. */
function presentedBy(request: FastifyRequest): Presented | undefined {
  const { authorization } = request.headers
  if (authorization !== undefined) return bearer.exec(authorization)?.[1]
  const sessionKey = presentedSessionKey(request)
  return sessionKey === undefined ? undefined : { sessionKey }
}

function refusalOf(authenticated: Authenticated | null, scope: Scope | undefined): DomainError | Refusal | undefined {
  if (!authenticated) return new DomainError('token_invalid')
  if (scope === undefined || mayDo(authenticated.credential, scope)) return undefined
  return new Refusal('scope_missing', { scope })
}
