import type { IncomingMessage } from 'node:http'
import { mayDo } from '../../access-tokens/access-token.ts'
import type { Authenticated, CredentialCache } from '../../access-tokens/credential-cache.ts'
import { largeBodyBytes } from '../overload/large-bodies.ts'
import { malformedHeader } from '../plugins/request-frame.ts'

const mediaType = 'application/json'
const charsets: ReadonlySet<string> = new Set([
  ';charset=utf-8',
  '; charset=utf-8',
  ';charset=UTF-8',
  '; charset=UTF-8',
])
const scheme = 'Bearer '

/** Spelled as nearly every client spells it, with a body of JSON that may be read. What is spelled otherwise may be as good. */
export function isPlainPost(request: IncomingMessage, path: string): boolean {
  return (
    request.url === path &&
    request.method === 'POST' &&
    isPlainJson(request.headers['content-type']) &&
    isModest(bodyLength(request)) &&
    malformedHeader(request) === null
  )
}

/** As its client states it; `NaN` where it does not. */
export function bodyLength({ headers }: Pick<IncomingMessage, 'headers'>): number {
  return Number(headers['content-length'])
}

/** Who may verify, as far as memory can tell; `null`: nobody, or it has to be looked up. */
export function verifierOf(request: IncomingMessage, credentials: CredentialCache): Authenticated | null {
  const { authorization } = request.headers
  const token = authorization?.startsWith(scheme) ? authorization.slice(scheme.length) : undefined
  const authenticated = token === undefined ? undefined : credentials.recall(token)
  return authenticated && mayDo(authenticated.credential, 'verify') ? authenticated : null
}

function isPlainJson(contentType: string | undefined): boolean {
  if (contentType === mediaType) return true
  return contentType?.startsWith(mediaType) === true && charsets.has(contentType.slice(mediaType.length))
}

function isModest(length: number): boolean {
  return length > 0 && length <= largeBodyBytes
}
