import { isUtf8 } from 'node:buffer'
import { limits } from '@cutover/contract'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { excessOf } from '../json-extent.ts'
import { type LargeBodies, largeBodyBytes } from '../overload/large-bodies.ts'
import { Refusal } from '../refusal.ts'

/** JSON (RFC 8259) in UTF-8, an object at the top, and nothing else, on every route that takes a body. */
export function jsonBody(app: FastifyInstance, largeBodies: LargeBodies): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    const take = (refusal: Refusal | null) => {
      if (refusal) return done(refusal)
      try {
        request.rawBody = body
        done(null, parse(body, request))
      } catch (error) {
        done(error as Refusal) // sound: `parse` throws nothing else
      }
    }
    if (body.length > largeBodyBytes) largeBodies.enqueue(body.length, take)
    else take(null)
  })
  // A request without a body never reaches the parser.
  app.addHook('preValidation', (request, _reply, done) => {
    done(request.body === undefined && takesBody(request) ? empty() : undefined)
  })
}

function takesBody(request: FastifyRequest): boolean {
  const { schema, config } = request.routeOptions
  return schema?.body !== undefined && !config.readsRawBody
}

function empty(): Refusal {
  return new Refusal('body_malformed', { detail: 'Request body is empty' })
}

function parse(body: Buffer, request: FastifyRequest): unknown {
  assertCharset(request.headers['content-type'] ?? '')
  // Clients send a Content-Type with every method; what such a route is sent is read and ignored.
  if (!takesBody(request)) return undefined
  if (body.length === 0) throw empty()
  return parseObject(body)
}

/** The JSON object in `body`, or a refusal that says what is wrong with it. */
export function parseObject(body: Buffer): object {
  if (!isUtf8(body)) throw new Refusal('body_malformed', { detail: 'Request body is not valid UTF-8' })
  assertModest(body)
  const value = parseJson(body)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Refusal('body_malformed', { detail: 'Request body must be a JSON object' })
  }
  return value
}

function assertModest(body: Buffer): void {
  const excess = excessOf(body)
  if (excess === 'depth') {
    throw new Refusal('body_malformed', { detail: `Request body is nested deeper than ${limits.bodyDepth} levels` })
  }
  if (excess === 'members') {
    const message = `the value has more than ${limits.bodyMembers} names, objects and lists`
    throw new Refusal('fields_invalid', { faults: [{ field: '', message, isTypeMismatch: false }] })
  }
}

function parseJson(body: Buffer): unknown {
  try {
    // A name like `__proto__` becomes an ordinary property, which nothing here ever reads or copies.
    return JSON.parse(body.toString('utf8'))
  } catch {
    // The parser's own message quotes the body.
    throw new Refusal('body_malformed', { detail: 'Request body is not valid JSON' })
  }
}

/** Refuses a Content-Type that is not JSON in UTF-8. */
export function assertJson(contentType: string): void {
  if (!/^application\/json\s*(?:;|$)/i.test(contentType)) throw new Refusal('media_type')
  assertCharset(contentType)
}

function assertCharset(contentType: string): void {
  if (contentType === 'application/json') return
  const charset = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType)?.[1]
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) throw new Refusal('media_type')
}
