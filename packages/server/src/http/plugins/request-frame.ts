import { randomUUID } from 'node:crypto'
import { headers } from '@cutover/contract'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Refusal } from '../refusal.ts'

/** A host name or IP literal with an optional port (RFC 3986, section 3.2.2). */
const hostShape = /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,253})|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?$/

/** Headers of which two can make a proxy and this server see different requests. Node keeps the first silently. */
const singleHeaders = new Set(['host', 'authorization', 'content-type', 'cutover-workspace', 'idempotency-key'])

/** The id that names a request: made here, since one from outside could be anything. */
export function makeRequestId(): string {
  return randomUUID()
}

/** What every request meets first, whatever its route. */
export function requestFrame(app: FastifyInstance): void {
  app.decorateRequest('authenticated', null)
  app.decorateRequest('workspaceId', null)
  app.decorateRequest('refusal', null)
  app.decorateRequest('rawBody', null)

  app.addHook('onRequest', (request, reply, done) => {
    reply.header(headers.requestId, request.id)
    const malformed = malformedHeader(request)
    done(malformed === null ? undefined : new Refusal('request_malformed', { detail: malformed }))
  })
}

function malformedHeader(request: FastifyRequest): string | null {
  const seen = new Set<string>()
  const { rawHeaders } = request.raw
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase()
    if (!singleHeaders.has(name)) continue
    if (seen.has(name)) return `Header ${name} was sent twice`
    seen.add(name)
  }
  // HTTP/1.0 knows no Host; Node has refused a missing one on 1.1 already.
  const { host } = request.headers
  return host === undefined || hostShape.test(host) ? null : 'Header host is malformed'
}
