import { createServer, type Server } from 'node:http'
import { connect, type Socket } from 'node:net'
import { limits } from '@cutover/contract'
import { signUserHash } from '@cutover/signing'
import { expect, onTestFinished } from 'vitest'
import { answerBrokenRequest } from '../src/http/broken-requests.ts'
import { type InProcess, startInProcess } from './in-process.ts'

/** Ends each connection after the request before it is answered, and shows that this one was read to its end. */
const farewell = 'GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'

export interface SentHead {
  readonly line?: string
  /** Beside, or in place of, those that a plain request has; `null`: without it. */
  readonly headers?: Readonly<Record<string, string | null>>
  readonly more?: readonly string[]
}

/** A server on TCP as it is, and beside it one of the same parts that has the router alone. */
export class TwoWays implements AsyncDisposable {
  readonly cutover: InProcess
  readonly direct: Server
  readonly routed: Server
  readonly secret: string
  /** How often the server as it is has asked its router. */
  routerCalls = 0

  private constructor(cutover: InProcess, secret: string) {
    const { app } = cutover
    const { routing } = app
    this.cutover = cutover
    this.secret = secret
    this.direct = app.server
    this.routed = routerAlone(app.server, routing)
    app.routing = (request, response) => {
      this.routerCalls += 1
      routing(request, response)
    }
  }

  static async start(): Promise<TwoWays> {
    const cutover = await startInProcess({ environment: { CUTOVER_RATE_LIMIT_PER_MINUTE: '0' } })
    const payload = { name: 'A secret', supports_web: true }
    const created = await cutover.call({ method: 'POST', url: '/secure_mode_secrets', payload })
    const ways = new TwoWays(cutover, created.json().secret)
    await cutover.app.listen({ host: '127.0.0.1', port: 0 })
    await new Promise<void>((resolve) => ways.routed.listen(0, '127.0.0.1', resolve))
    await ways.warmUp()
    return ways
  }

  /** Until token and keyset are in memory, the router is asked about everything. */
  async warmUp(): Promise<void> {
    await answerTo(this.direct, this.request(JSON.stringify(this.signed)))
  }

  /** A question that verifies. */
  get signed() {
    return this.signedWith(this.secret)
  }

  signedWith(secret: string) {
    return { platform: 'web', userId: 'user_1', userHash: signUserHash(secret, 'user_1') }
  }

  /** A plain request, but for what `head` changes. */
  request(body: string | Buffer, { line, headers = {}, more = [] }: SentHead = {}): Buffer {
    const content = Buffer.from(body)
    const plain = {
      Host: 'localhost',
      Authorization: `Bearer ${this.cutover.token}`,
      'Content-Type': 'application/json',
      'Content-Length': String(content.length),
    }
    const lines = Object.entries({ ...plain, ...headers }).flatMap(([name, value]) =>
      value === null ? [] : [`${name}: ${value}`],
    )
    const head = [line ?? 'POST /v1/verifications HTTP/1.1', ...lines, ...more].join('\r\n')
    return Buffer.concat([Buffer.from(`${head}\r\n\r\n`, 'latin1'), content])
  }

  /** Sends `request` both ways, and then something else on the same connection; returns what both answered. */
  async expectTheSame(request: Buffer): Promise<string> {
    const answers = await Promise.all([this.direct, this.routed].map((server) => answerTo(server, request)))
    const [direct = '', routed = ''] = answers.map(comparable)
    expect(routed).toMatch(/^HTTP\/1\.1 \d{3} /)
    expect(direct).toBe(routed)
    return direct
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.routed.close()
    await this.cutover[Symbol.asyncDispose]()
  }
}

function routerAlone(
  { keepAliveTimeout, requestTimeout, headersTimeout }: Server,
  routing: Parameters<Server['on']>[1],
) {
  const settings = { maxHeaderSize: limits.headerBytes, requireHostHeader: false }
  const server = createServer({ ...settings, keepAliveTimeout, requestTimeout, headersTimeout })
  return server.on('request', routing).on('clientError', answerBrokenRequest)
}

/** Everything that comes on a connection until the server closes it. */
export async function answerTo(server: Server, request: Buffer): Promise<string> {
  const { received, socket } = open(server)
  socket.write(Buffer.concat([request, Buffer.from(farewell)]))
  return received
}

/** A request of which all but the last ten bytes were sent, and the head has arrived. */
export async function halfSent(server: Server, request: Buffer) {
  const { received, socket } = open(server)
  onTestFinished(() => void socket.destroy())
  const arrived = new Promise((resolve) => server.once('request', resolve))
  socket.write(request.subarray(0, -10))
  await arrived
  return {
    socket,
    sendRest(next: Buffer = Buffer.from(farewell)): Promise<string> {
      socket.write(Buffer.concat([request.subarray(-10), next]))
      return received
    },
  }
}

function open(server: Server): { readonly socket: Socket; readonly received: Promise<string> } {
  const { port } = server.address() as { port: number } // sound: it is no pipe
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk
  })
  // A server that refuses a body early may reset what is still being sent.
  socket.on('error', () => {})
  return { socket, received: new Promise((resolve) => socket.on('close', () => resolve(text))) }
}

/** Without what no two answers have in common. */
function comparable(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g, '<uuid>')
    .replaceAll(/^Date: .*$/gm, 'Date: <date>')
}
