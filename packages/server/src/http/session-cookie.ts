import '@fastify/cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'

const name = 'cutover_session'

/** With TLS no other host and no plain connection can set it, nor put its own in the way (RFC 6265bis, section 4.1.3). */
const securedName = `__Host-${name}`

/** Here, or at a proxy that is trusted to say so. */
function isSecured(request: FastifyRequest): boolean {
  return request.protocol === 'https'
}

/** The key to a session; two of them could mean two people, and count as none. */
export function presentedSessionKey(request: FastifyRequest): string | undefined {
  const { cookie: sent } = request.headers
  if (sent === undefined) return undefined
  const prefix = `${isSecured(request) ? securedName : name}=`
  const keys = sent
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(prefix))
  return keys.length === 1 ? keys[0]?.slice(prefix.length) : undefined
}

/** For as long as the browser runs, and no longer than the server accepts it. */
export function setSessionCookie(request: FastifyRequest, reply: FastifyReply, key: string): void {
  reply.setCookie(...named(request, key))
}

export function clearSessionCookie(request: FastifyRequest, reply: FastifyReply): void {
  const [itsName, , attributes] = named(request, '')
  reply.setCookie(itsName, '', { ...attributes, maxAge: 0 })
}

function named(request: FastifyRequest, value: string) {
  const secure = isSecured(request)
  const attributes = { httpOnly: true, sameSite: 'strict', path: '/', secure } as const
  return [secure ? securedName : name, value, attributes] as const
}
