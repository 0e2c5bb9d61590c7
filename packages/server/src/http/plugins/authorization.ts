import type { Scope } from '@cutover/contract'
import type { FastifyRequest, onRequestHookHandler } from 'fastify'
import { mayDo } from '../../access-tokens/access-token.ts'
import type { Authenticated, CredentialCache } from '../../access-tokens/credential-cache.ts'
import { DomainError } from '../../domain-error.ts'
import { Refusal } from '../refusal.ts'
import { assertMayBeLookedUp, countCall, refuseStranger } from './rate-limit.ts'

/** RFC 6750, section 2.1; the scheme is case-insensitive (RFC 9110, section 11.1). */
const bearer = /^bearer +(\S+)$/i

/**
 * Runs before the body is read: credential first, then its rate limit, then scope. Without a scope any good token will
 * do. What `verify` allows is not limited, so that no login fails because of others.
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
    const token = presentedToken(request)
    if (token === undefined) return settle(null)
    const recalled = credentials.recall(token)
    if (recalled !== undefined) return settle(recalled)
    credentials.lookUp(token, () => assertMayBeLookedUp(request)).then(settle, done)
  }
}

/** Asks again whether the token is good, after the request has waited for something. */
export async function authorizeAgain(
  credentials: CredentialCache,
  request: FastifyRequest,
  scope: Scope,
): Promise<Authenticated> {
  const token = presentedToken(request)
  const authenticated = token === undefined ? null : await credentials.authenticate(token)
  const error = refusalOf(authenticated, scope)
  if (error || !authenticated) throw error ?? new DomainError('token_invalid')
  request.authenticated = authenticated
  return authenticated
}

function presentedToken(request: FastifyRequest): string | undefined {
  return bearer.exec(request.headers.authorization ?? '')?.[1]
}

function refusalOf(authenticated: Authenticated | null, scope: Scope | undefined): DomainError | Refusal | undefined {
  if (!authenticated) return new DomainError('token_invalid')
  if (scope === undefined || mayDo(authenticated.credential, scope)) return undefined
  return new Refusal('scope_missing', { scope })
}
