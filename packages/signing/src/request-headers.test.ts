import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createKeyset } from './keyset.ts'
import { integratorKeyOf, type RequestHeaders } from './request-headers.ts'
import { type SignedRequestHeaders, signRequest } from './sign-request.ts'
import { verifyRequest } from './verify-request.ts'

const integrator = { key: 'int_b2K9qTzX4mWvL0sYh7Rd', secret: 'ints_of_the_tests_of_received_headers' }
const keyset = createKeyset([{ id: '1', secret: integrator.secret }])
const path = '/payouts?limit=10&q=a%20b+c'

/** Every form in which Node and Fetch give the headers of one request. */
function formsOf(request: IncomingMessage): Record<string, RequestHeaders> {
  const { rawHeaders, headers, headersDistinct } = request
  const fetched = new Headers()
  for (const [at, name] of rawHeaders.entries()) {
    if (at % 2 === 0) fetched.append(name, rawHeaders[at + 1] ?? '')
  }
  return { rawHeaders, headers, headersDistinct, Headers: fetched }
}

interface Verdicts {
  readonly reasons: Record<string, string>
  readonly keys: Record<string, string>
  readonly joined: Record<string, unknown>
}

const server = createServer(async (request, response) => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const { method = '', url = '' } = request
  const answers = Object.entries(formsOf(request)).map(([form, headers]) => {
    const answer = verifyRequest(keyset, { method, path: url, headers, body: Buffer.concat(chunks) })
    return [form, answer.verified ? 'verified' : answer.reason, integratorKeyOf(headers) ?? 'none'] as const
  })
  const verdicts: Verdicts = {
    reasons: Object.fromEntries(answers.map(([form, reason]) => [form, reason])),
    keys: Object.fromEntries(answers.map(([form, , key]) => [form, key])),
    joined: request.headers,
  }
  response.end(JSON.stringify(verdicts))
})
const port = () => (server.address() as AddressInfo).port // sound: it listens on a port

beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(() => {
  server.close()
})

/** A raw socket: clients refuse or join what an attacker sends. */
async function send(headerLines: readonly string[], target = path): Promise<Verdicts> {
  const socket = connect(port(), '127.0.0.1')
  socket.end(
    [`GET ${target} HTTP/1.1`, 'Host: 127.0.0.1', 'Connection: close', ...headerLines, '', ''].join('\r\n'),
    'latin1',
  )
  const answer = await text(socket)
  return JSON.parse(answer.slice(answer.indexOf('{'), answer.lastIndexOf('}') + 1))
}

const sign = () => signRequest(integrator, { method: 'GET', path })
const linesOf = (headers: SignedRequestHeaders) => Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
const everywhere = <T>(answer: T) => ({ rawHeaders: answer, headers: answer, headersDistinct: answer, Headers: answer })

describe('the headers that node:http received', () => {
  it('verify in every form, and name the key', async () => {
    const { reasons, keys } = await send(linesOf(sign()))
    expect(reasons).toEqual(everywhere('verified'))
    expect(keys).toEqual(everywhere(integrator.key))
  })

  it('verify with names in any case, and with the white space around values that RFC 9110 allows', async () => {
    const lines = Object.entries(sign()).map(
      ([name, value], at) => `${at === 1 ? name.toLowerCase() : name.toUpperCase()}: \t ${value} `,
    )
    expect((await send(lines)).reasons).toEqual(everywhere('verified'))
  })

  it('verify after fetch has sent them, with a binary body', async () => {
    const body = Uint8Array.from({ length: 256 }, (_, at) => at)
    const headers = signRequest(integrator, { method: 'POST', path, body })
    const response = await fetch(`http://127.0.0.1:${port()}${path}`, { method: 'POST', headers, body })
    expect(await response.json()).toMatchObject({ reasons: everywhere('verified') })
  })

  it.each([
    ['X-Timestamp', 'timestamp_malformed'],
    ['X-Signature', 'signature_malformed'],
    ['X-Integrator-Key', 'signature_invalid'],
  ] as const)('with %s twice are refused as %s in every form, where Node has joined them too', async (name, reason) => {
    const headers = sign()
    for (const again of [name, name.toLowerCase(), name.toUpperCase()]) {
      const { reasons, joined } = await send([...linesOf(headers), `${again}: ${headers[name]}`])
      expect(joined[name.toLowerCase()]).toBe(`${headers[name]}, ${headers[name]}`)
      expect(reasons).toEqual(everywhere(reason))
    }
  })

  it.each([
    ['X-Timestamp', 'timestamp_malformed'],
    ['X-Signature', 'signature_malformed'],
    ['X-Integrator-Key', 'signature_invalid'],
  ] as const)('with %s and another one that is empty, before or after, are refused as %s', async (name, reason) => {
    const lines = linesOf(sign())
    expect((await send([...lines, `${name}:`])).reasons).toEqual(everywhere(reason))
    expect((await send([`${name}:`, ...lines])).reasons).toEqual(everywhere(reason))
  })

  it.each([
    ['X-Timestamp', 'timestamp_malformed'],
    ['X-Signature', 'signature_malformed'],
    ['X-Integrator-Key', 'signature_invalid'],
  ] as const)('without %s are refused as %s', async (name, reason) => {
    const lines = linesOf(sign()).filter((line) => !line.startsWith(name))
    expect((await send(lines)).reasons).toEqual(everywhere(reason))
  })

  it('with the key twice name no key', async () => {
    const lines = linesOf(sign())
    expect((await send([...lines, 'X-Integrator-Key: int_other'])).keys).toEqual(everywhere('none'))
  })

  it('of a name with an underscore are not those of the name with a hyphen', async () => {
    const lines = linesOf(sign()).map((line) => line.replace('X-Timestamp', 'X_Timestamp'))
    expect((await send(lines)).reasons).toEqual(everywhere('timestamp_malformed'))
  })

  it('of another target are refused', async () => {
    expect((await send(linesOf(sign()), `${path}&dry=1`)).reasons).toEqual(everywhere('signature_invalid'))
  })
})

describe('the key of a request', () => {
  it.each([
    ['a flat list', ['Host', 'a', 'x-integrator-key', 'int_1']],
    ['a record', { 'X-INTEGRATOR-KEY': 'int_1', 'x-integrator-key': undefined }],
    ['a record of lists', { 'x-integrator-key': ['int_1'] }],
    ['what has a getter', { get: (name: string) => (name === 'x-integrator-key' ? 'int_1' : null) }],
  ])('is read from %s', (_, headers) => {
    expect(integratorKeyOf(headers)).toBe('int_1')
  })

  it.each([
    ['a value of another header', ['Host', 'X-Integrator-Key', 'int_1', 'a']],
    ['a name without a value', ['X-Integrator-Key']],
    ['an empty list', []],
    ['two in a list', { 'x-integrator-key': ['int_1', 'int_1'] }],
    ['a list of none', { 'x-integrator-key': [] }],
    ['two names that differ in case', { 'x-integrator-key': 'int_1', 'X-Integrator-Key': 'int_1' }],
    ['two joined with a comma', { 'x-integrator-key': 'int_1, int_1' }],
    ['an empty value', { 'x-integrator-key': '' }],
    ['a value with a space', ['X-Integrator-Key', 'int 1']],
    ['a getter that has none', { get: () => null }],
    ['a header that is only inherited', Object.create({ 'x-integrator-key': 'int_1' })],
  ])('is not made of %s', (_, headers: RequestHeaders) => {
    expect(integratorKeyOf(headers)).toBeUndefined()
  })
})
