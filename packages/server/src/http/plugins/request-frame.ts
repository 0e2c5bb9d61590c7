import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { headers } from '@cutover/contract'
import type { FastifyInstance } from 'fastify'
import { arrivedMs } from '../direct/arrivals.ts'
import { Refusal } from '../refusal.ts'

/** A host name or IP literal with an optional port (RFC 3986, section 3.2.2). */
const hostShape = /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,253})|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?$/

/**
 * Headers of which two can make a proxy and this server see different requests (Node keeps the first silently), each
 * with its bit in the set of those seen.
 */
const singleHeaders = new Map(
  ['Host', 'Authorization', 'Content-Type', 'Cutover-Workspace', 'Idempotency-Key'].flatMap((name, at) => [
    [name, 1 << at],
    [name.toLowerCase(), 1 << at],
  ]),
)
const singleLengths = new Set([...singleHeaders.keys()].map((name) => name.length))

/** Nearly every request has the same. */
let lastGoodHost = ''

/** The id that names a request: made here, since one from outside could be anything. */
export function makeRequestId(): string {
  return randomUUID()
}

/** What every request meets first, whatever its route. */
export function requestFrame(app: FastifyInstance): void {
  app.decorateRequest('authenticated', null)
  app.decorateRequest('signer', null)
  app.decorateRequest('workspaceId', null)
  app.decorateRequest('refusal', null)
  app.decorateRequest('rawBody', null)
  app.decorateRequest('startedMs', 0)

  app.addHook('onRequest', (request, reply, done) => {
    request.startedMs = arrivedMs(request.raw) ?? performance.now()
    reply.header(headers.requestId, request.id)
    const malformed = malformedHeader(request.raw)
    done(malformed === null ? undefined : new Refusal('request_malformed', { detail: malformed }))
  })
}

/** What is wrong with the headers of any request, in words for its client; `null`: nothing. */
export function malformedHeader({ rawHeaders, headers: { host }, httpVersion }: IncomingMessage): string | null {
  let seen = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const sent = rawHeaders[index] ?? ''
    if (!singleLengths.has(sent.length)) continue
    const bit = singleHeaders.get(sent) ?? singleHeaders.get(sent.toLowerCase()) ?? 0
    if ((seen & bit) !== 0) return `Header ${sent.toLowerCase()} was sent twice`
    seen |= bit
  }
  if (host !== undefined) return isGoodHost(host) ? null : 'Header host is malformed'
  // RFC 9112, section 3.2: only HTTP/1.0 knows no Host.
  return httpVersion === '1.0' ? null : 'Header host is missing'
}

function isGoodHost(host: string): boolean {
  if (host === lastGoodHost) return true
  if (!hostShape.test(host)) return false
  lastGoodHost = host
  return true
}
