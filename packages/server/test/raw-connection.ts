import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

const deadlineMs = 20_000

export interface RawResponse {
  readonly statusLine: string
  readonly status: number
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A TCP connection that sends exactly what a test says, and reads responses one after another. */
export class RawConnection {
  readonly #socket: Socket
  #received = ''
  #ended = false
  #change = Promise.withResolvers<void>()

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => {
      this.#received += text
      this.#changed()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      this.#ended = true
      this.#changed()
    })
  }

  static async open(address: string): Promise<RawConnection> {
    const { hostname, port } = new URL(address)
    const socket = connect(Number(port), hostname)
    const connection = new RawConnection(socket)
    await once(socket, 'connect')
    return connection
  }

  /** Text goes as Latin-1, so that every byte can be written. */
  send(content: string | Buffer): this {
    this.#socket.write(typeof content === 'string' ? Buffer.from(content, 'latin1') : content)
    return this
  }

  /** The next response; to a HEAD it has no body, whatever its Content-Length. */
  async response(method = 'GET'): Promise<RawResponse> {
    await this.#until(() => this.#received.includes('\r\n\r\n'), 'a head')
    const headEnd = this.#received.indexOf('\r\n\r\n')
    const [statusLine = '', ...lines] = this.#received.slice(0, headEnd).split('\r\n')
    const headers = Object.fromEntries(lines.map(toHeader))
    const length = method === 'HEAD' ? 0 : Number(headers['content-length'] ?? 0)
    const bodyStart = headEnd + 4
    await this.#until(() => this.#received.length >= bodyStart + length, 'a body')
    const body = this.#received.slice(bodyStart, bodyStart + length)
    this.#received = this.#received.slice(bodyStart + length)
    return { statusLine, status: Number(statusLine.split(' ')[1]), headers, body }
  }

  /** Resolves when the server has closed it, with what else came before. */
  async closed(): Promise<string> {
    await this.#until(() => this.#ended, 'the end', false)
    return this.#received
  }

  close(): void {
    this.#socket.destroy()
  }

  async #until(isThere: () => boolean, what: string, mayNotEnd = true): Promise<void> {
    const late = AbortSignal.timeout(deadlineMs)
    const tooLate = once(late, 'abort')
    while (!isThere()) {
      if (late.aborted || (mayNotEnd && this.#ended)) {
        throw new Error(`${what} did not come ${this.#ended ? 'before the end' : 'in time'}: ${this.#received}`)
      }
      await Promise.race([this.#change.promise, tooLate])
    }
  }

  #changed(): void {
    const { resolve } = this.#change
    this.#change = Promise.withResolvers()
    resolve()
  }
}

function toHeader(line: string): [string, string] {
  const colon = line.indexOf(':')
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
}
