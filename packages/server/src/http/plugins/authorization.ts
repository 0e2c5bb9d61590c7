import type { Scope } from '@cutover/contract'
import type { FastifyRequest, onRequestHookHandler } from 'fastify'
import { mayDo } from '../../access-tokens/access-token.ts'
import type { Authenticated, CredentialCache } from '../../access-tokens/credential-cache.ts'
import { DomainError } from '../../domain-error.ts'

/** RFC 6750, section 2.1; the scheme is case-insensitive (RFC 9110, section 11.1). */
const bearer = /^bearer +(\S+)$/i

/** Runs before the body is read: credential first, then scope. Without a scope any good token will do. */
export function authorize(credentials: CredentialCache, scope?: Scope): onRequestHookHandler {
  return (request, _reply, done) => {
    const settle = (authenticated: Authenticated | null) => {
      const error = refusalOf(authenticated, scope)
      request.authenticated = authenticated
      done(error)
    }
    const found = authenticate(credentials, request)
    if (found instanceof Promise) found.then(settle, done)
    else settle(found)
  }
}

/** Asks again whether the token is good, after the request has waited for something. */
export async function authorizeAgain(
  credentials: CredentialCache,
  request: FastifyRequest,
  scope: Scope,
): Promise<Authenticated> {
  const authenticated = await authenticate(credentials, request)
  const error = refusalOf(authenticated, scope)
  if (error || !authenticated) throw error ?? new DomainError('token_invalid')
  request.authenticated = authenticated
  return authenticated
}

function authenticate(credentials: CredentialCache, request: FastifyRequest) {
  const token = bearer.exec(request.headers.authorization ?? '')?.[1]
  return token === undefined ? null : credentials.authenticate(token)
}

function refusalOf(authenticated: Authenticated | null, scope: Scope | undefined): DomainError | undefined {
  if (!authenticated) return new DomainError('token_invalid')
  return scope === undefined || mayDo(authenticated.credential, scope) ? undefined : new DomainError('scope_missing')
}
