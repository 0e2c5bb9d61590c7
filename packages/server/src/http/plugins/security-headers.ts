import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import helmet from 'helmet'

/**
 * The headers by which a browser is told to do nothing with an answer but show it. What they are is helmet's to decide;
 * they never change, so it is asked once and not with every request.
 */
export function securityHeaders(app: FastifyInstance, { isTls }: { readonly isTls: boolean }): void {
  const constant = constantHeaders(isTls)
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(constant)
    done()
  })
}

/** By lower-case name. */
export function constantHeaders(isTls: boolean): Record<string, string> {
  const headers: Record<string, string> = {}
  const response = {
    setHeader: (name: string, value: string) => {
      headers[name.toLowerCase()] = value
    },
    removeHeader: () => {},
  }
  const directives = { defaultSrc: ["'none'"], frameAncestors: ["'none'"] }
  const middleware = helmet({
    contentSecurityPolicy: { useDefaults: false, directives },
    strictTransportSecurity: isTls && { includeSubDomains: false },
  })
  // Sound: helmet reads nothing of the request, and calls nothing else of the response.
  middleware({} as IncomingMessage, response as unknown as ServerResponse, () => {})
  return headers
}
