import type { FastifyRequest } from 'fastify'
import { Refusal } from '../refusal.ts'

const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/** What a browser says of a request of this server's own page, and of one that its user typed. */
const ownSites: ReadonlySet<unknown> = new Set([undefined, 'same-origin', 'none'])

/**
 * A browser sends cookies along with whatever any page makes it ask. SameSite keeps those of other sites out; a page of
 * another port or of a host beside this one is of the same site, and is told by its origin.
 */
export function crossOriginRefusal(request: FastifyRequest): Refusal | undefined {
  if (!ownSites.has(request.headers['sec-fetch-site'])) return refusal('It comes from a page of another site')
  return safeMethods.has(request.method) ? undefined : foreignOriginRefusal(request)
}

/** For what must come from the page itself, whatever it carries; absent and `null` are nobody's. */
function foreignOriginRefusal(request: FastifyRequest): Refusal | undefined {
  const own = ownOrigin(request)
  return own !== null && request.headers.origin === own
    ? undefined
    : refusal(`With a session, Origin must be ${own ?? 'that of this server'}`)
}

/** As the client saw it: what a trusted proxy was asked for, or this server. */
function ownOrigin({ protocol, host }: FastifyRequest): string | null {
  if (protocol !== 'http' && protocol !== 'https') return null
  return URL.canParse(`${protocol}://${host}`) ? new URL(`${protocol}://${host}`).origin : null
}

function refusal(detail: string): Refusal {
  return new Refusal('origin_mismatch', { detail })
}
