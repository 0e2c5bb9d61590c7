import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, request as httpRequest, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { createKeyset, signRequest } from '@cutover/signing'
import express, { type ErrorRequestHandler } from 'express'
import Fastify from 'fastify'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import * as expressReceiver from './readme/express-receiver.ts'
import * as fastifyReceiver from './readme/fastify-receiver.ts'

const secrets = [
  { id: 'old', secret: 'the-old-secret' },
  { id: 'new', secret: 'the-new-secret' },
]
const keysets = new Map([
  ['acme', createKeyset(secrets)],
  ['other', createKeyset([{ id: 'its own', secret: 'the-secret-of-another' }])],
])

/** Behind the middleware of the README is a route that answers with the bytes that it was given, in hex. */
const receivers: readonly [name: string, file: string, start: () => Promise<Server>][] = [
  ['Fastify', 'fastify-receiver.ts', startFastify],
  ['Express', 'express-receiver.ts', startExpress],
]

async function startFastify(): Promise<Server> {
  const app = Fastify()
  await app.register(
    async (scope) => {
      fastifyReceiver.requireSignature(scope, keysets)
      scope.all('/users', async ({ body }) => ({ bodyHex: Buffer.isBuffer(body) ? body.toString('hex') : '' }))
    },
    { prefix: '/api' },
  )
  await app.listen({ host: '127.0.0.1', port: 0 })
  return app.server
}

async function startExpress(): Promise<Server> {
  const app = express()
  app.use('/api', expressReceiver.requireSignature(keysets))
  app.all('/api/users', ({ body }, response) => {
    response.send({ bodyHex: Buffer.isBuffer(body) ? body.toString('hex') : '' })
  })
  const server = createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

interface Sent {
  readonly method?: string
  readonly path?: string
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body?: Buffer
}

/** Not fetch, which would add a Content-Type and join a header that is there twice. */
async function send(server: Server, { method = 'POST', path = '/api/users', headers, body }: Sent) {
  // Sound: it listens on a port, not on a pipe.
  const { port } = server.address() as AddressInfo
  const length = body && { 'Content-Length': body.length }
  const outgoing = httpRequest({ host: '127.0.0.1', port, method, path, headers: { ...headers, ...length } })
  outgoing.end(body)
  const [response] = await once(outgoing, 'response')
  return { status: response.statusCode, body: await json(response) }
}

const signed = (path: string, body?: Buffer, secret = 'the-new-secret', method = 'POST', key = 'acme') =>
  signRequest({ key, secret }, { method, path, body })

describe('the middleware of the README for Express', () => {
  it('answers 500 and lets nothing through where a body was parsed before it', async () => {
    const app = express()
    app.use(express.json(), expressReceiver.requireSignature(keysets))
    app.use((_request, response) => void response.send({}))
    app.use(((error, _request, response, _next) => {
      response.status(500).send({ message: error.message })
    }) satisfies ErrorRequestHandler)
    const server = createServer(app).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const headers = { ...signed('/api/users'), 'Content-Type': 'application/json' }
    const answer = await send(server, { headers, body: Buffer.from('{"added":true}') })
    const message = 'body must be the raw bytes or the text that is sent, before it is parsed'
    expect(answer).toEqual({ status: 500, body: { message } })
  })
})

describe.each(receivers)('the middleware of the README for %s', async (_name, file, start) => {
  const server = await start()
  afterAll(() => void server.close())
  const body = Buffer.from('{"name":"caf\u00e9"}')
  const accepted = (bytes: Buffer) => ({ status: 200, body: { bodyHex: bytes.toString('hex') } })
  const refused = (reason: string) => ({ status: 401, body: { reason } })

  it('is what the README says, word for word', async () => {
    const readme = await readFile(join(import.meta.dirname, '../README.md'), 'utf8')
    const source = await readFile(join(import.meta.dirname, 'readme', file), 'utf8')
    expect(readme).toContain(`\`\`\`ts\n${source}\`\`\`\n`)
  })

  it.each(secrets)('accepts what the $id secret signed', async ({ secret }) => {
    const headers = { ...signed('/api/users?page=2&a=%20', body, secret), 'Content-Type': 'application/json' }
    expect(await send(server, { path: '/api/users?page=2&a=%20', headers, body })).toEqual(accepted(body))
  })

  it.each([
    ['no body', undefined],
    ['an empty body', Buffer.alloc(0)],
    ['a body that is no JSON', Buffer.from('{')],
    ['a body with a byte order mark', Buffer.from('\ufeff{}')],
    ['a body that is no UTF-8', Buffer.of(0xff, 0xfe)],
  ])('verifies the bytes of %s, with a Content-Type and without one', async (_what, bytes) => {
    for (const type of [{ 'Content-Type': 'application/json' }, { 'Content-Type': 'text/plain' }, {}]) {
      const sent = { headers: { ...signed('/api/users', bytes), ...type }, ...(bytes && { body: bytes }) }
      expect(await send(server, sent)).toEqual(accepted(bytes ?? Buffer.alloc(0)))
    }
  })

  it('accepts a GET', async () => {
    const headers = signed('/api/users?page=2', undefined, 'the-new-secret', 'GET')
    expect(await send(server, { method: 'GET', path: '/api/users?page=2', headers })).toEqual(accepted(Buffer.alloc(0)))
  })

  it('refuses a body that was added to a request that was signed without one, also without a Content-Type', async () => {
    for (const type of [{ 'Content-Type': 'application/json' }, {}]) {
      const headers = { ...signed('/api/users'), ...type }
      expect(await send(server, { headers, body })).toEqual(refused('signature_invalid'))
    }
  })

  it('refuses another body, path, query or method than was signed', async () => {
    const headers = signed('/api/users?page=2', body)
    const path = '/api/users?page=2'
    const genuine = { path, headers, body }
    expect(await send(server, genuine)).toMatchObject({ status: 200 })
    for (const changed of [
      { body: Buffer.from('{}') },
      { path: `${path}0` },
      { path: '/api/users' },
      { method: 'PUT' },
    ]) {
      expect(await send(server, { ...genuine, ...changed })).toEqual(refused('signature_invalid'))
    }
  })

  it('refuses what another integrator signed, and whom it does not know', async () => {
    for (const [key, secret] of [
      ['acme', 'the-secret-of-another'],
      ['nobody', 'the-new-secret'],
    ] as const) {
      const headers = signed('/api/users', body, secret, 'POST', key)
      expect(await send(server, { headers, body })).toEqual(refused('signature_invalid'))
    }
  })

  it('refuses a header that was sent twice', async () => {
    const headers = signed('/api/users', body)
    const twice = { ...headers, 'X-Signature': [headers['X-Signature'], headers['X-Signature']] }
    expect(await send(server, { headers: twice, body })).toEqual(refused('signature_malformed'))
    const twoKeys = { ...headers, 'X-Integrator-Key': ['acme', 'acme'] }
    expect(await send(server, { headers: twoKeys, body })).toEqual(refused('signature_invalid'))
  })

  it('refuses a request without a signature', async () => {
    expect(await send(server, { headers: {}, body })).toEqual(refused('timestamp_malformed'))
  })
})
