import { connect, type Socket } from 'node:net'
import type { Load } from './exchange.ts'

/** An exchange ready to go out, and to be compared with what comes in. */
export interface PreparedExchange {
  readonly request: Buffer
  readonly answer: Buffer
}

export function prepareExchanges({ port, path, token, exchanges }: Load): readonly PreparedExchange[] {
  return exchanges.map(({ request, answer }) => {
    const head = [
      `POST ${path} HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      `Authorization: Bearer ${token}`,
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(request)}`,
    ]
    return { request: Buffer.from(`${head.join('\r\n')}\r\n\r\n${request}`), answer: Buffer.from(answer) }
  })
}

export interface ConnectionListener {
  /** The expected answer is here; `startedMs` is what `send` was given. */
  onAnswer(connection: Connection, startedMs: number): void
  onFault(fault: string): void
}

const okHead = Buffer.from('HTTP/1.1 200 ')
const endOfHead = Buffer.from('\r\n\r\n')

/**
 * One HTTP/1.1 connection with one request under way at a time. No client for everybody: it spends as little as it
 * can, since what it costs is the ceiling of every measurement.
 */
export class Connection {
  readonly #socket: Socket
  readonly #listener: ConnectionListener
  #expected: Buffer | null = null
  #startedMs = 0
  #received: Buffer | null = null

  constructor(port: number, listener: ConnectionListener) {
    this.#listener = listener
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.#socket.on('data', (chunk: Buffer) => this.#take(chunk))
    this.#socket.on('error', (error) => listener.onFault(error.message))
    this.#socket.on('end', () => listener.onFault('the server closed the connection'))
  }

  send({ request, answer }: PreparedExchange, startedMs: number): void {
    this.#expected = answer
    this.#startedMs = startedMs
    this.#socket.write(request)
  }

  close(): void {
    this.#socket.destroy()
  }

  #take(chunk: Buffer): void {
    const received = this.#received === null ? chunk : Buffer.concat([this.#received, chunk])
    const expected = this.#expected
    const headEnd = received.indexOf(endOfHead)
    if (expected === null || (headEnd !== -1 && !startsOk(received))) {
      this.#listener.onFault(`unexpected answer: ${received.toString('utf8', 0, 200)}`)
      return
    }
    const bodyStart = headEnd + endOfHead.length
    if (headEnd === -1 || received.length < bodyStart + expected.length) {
      this.#received = received
      return
    }
    this.#received = null
    this.#expected = null
    if (received.compare(expected, 0, expected.length, bodyStart) === 0) {
      this.#listener.onAnswer(this, this.#startedMs)
    } else {
      this.#listener.onFault(`wrong answer: ${received.toString('utf8', bodyStart, bodyStart + 200)}`)
    }
  }
}

function startsOk(received: Buffer): boolean {
  return received.compare(okHead, 0, okHead.length, 0, okHead.length) === 0
}
