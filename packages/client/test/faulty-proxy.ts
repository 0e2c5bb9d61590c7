import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** What happens to one request: what comes before it arrives, and what becomes of its answer. */
export type Fault =
  | 'pass'
  /** The connection is cut before the request is passed on. */
  | 'never_arrives'
  /** The request is done, and the connection cut in place of its answer. */
  | 'answer_lost'
  /** The head of the answer and half of its body, then the connection is cut. */
  | 'answer_cut'
  /** Nothing is answered, and the connection stays. */
  | 'hangs'
  /** The request is done; of the answer comes the head and half of the body, and then nothing. */
  | 'answer_stalls'
  | Refusal

/** Answered in place of the server. */
export interface Refusal {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** On the monotonic clock. */
  readonly atMs: number
}

/** Stands between a client and a server, and does to each request what is next in the plan, or passes it on. */
export class FaultyProxy implements AsyncDisposable {
  readonly seen: SeenRequest[] = []
  plan: Fault[] = []
  readonly #upstream: URL
  readonly #server = createServer((incoming, outgoing) => void this.#handle(incoming, outgoing))
  readonly #sockets = new Set<Socket>()
  #onArrival: (() => void) | undefined

  private constructor(upstream: string) {
    this.#upstream = new URL(upstream)
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
  }

  static async before(upstream: string, host = '127.0.0.1'): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(upstream)
    proxy.#server.listen(0, host)
    await once(proxy.#server, 'listening')
    return proxy
  }

  get baseUrl(): string {
    // Sound: it listens on a port, not on a pipe.
    const { address, family, port } = this.#server.address() as AddressInfo
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
  }

  /** How many connections clients hold. */
  get connections(): number {
    return this.#sockets.size
  }

  /** Resolves when the next request has arrived. */
  arrival(): Promise<void> {
    return new Promise((resolve) => {
      this.#onArrival = resolve
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = '', url: path = '', headers } = incoming
    const body = await buffer(incoming)
    this.seen.push({ method, path, headers, body: body.toString(), atMs: performance.now() })
    const fault = this.plan.shift() ?? 'pass'
    this.#onArrival?.()
    if (typeof fault === 'object') outgoing.writeHead(fault.status, fault.headers).end(fault.body)
    else if (fault === 'never_arrives') incoming.socket.destroy()
    else if (fault !== 'hangs') await this.#pass({ method, path, headers, body }, outgoing, fault)
  }

  async #pass(
    { method, path, headers, body }: { method: string; path: string; headers: SeenRequest['headers']; body: Buffer },
    outgoing: ServerResponse,
    fault: Extract<Fault, string>,
  ): Promise<void> {
    const passed = request(new URL(path, this.#upstream), { method, headers, agent: false })
    passed.end(body)
    const [answer] = (await once(passed, 'response')) as [IncomingMessage] // sound: what the event hands over
    const content = await buffer(answer)
    if (fault === 'answer_lost') return void outgoing.destroy()
    outgoing.writeHead(answer.statusCode ?? 0, answer.headers)
    if (fault === 'pass') return void outgoing.end(content)
    outgoing.write(content.subarray(0, content.length / 2), () => {
      if (fault === 'answer_cut') outgoing.destroy()
    })
  }
}
