import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { AtEnd } from './start-cutover.ts'

/** A node that does not answer in so long is as good as one that is not ready. */
const checkTimeoutMs = 2000

interface Target {
  readonly address: string
  isReady: boolean
}

/**
 * Sends each request to the next node that was ready when it last asked at `/readyz`. It keeps its connections, and tries
 * nothing a second time: whatever a node loses, its client sees.
 */
export class CheckedBalancer {
  readonly #targets: Target[] = []
  readonly #agent = new Agent({ keepAlive: true })
  readonly #server = createServer((asked, answer) => this.#forward(asked, answer))
  readonly #checkEveryMs: number
  #next = 0

  private constructor(checkEveryMs: number) {
    this.#checkEveryMs = checkEveryMs
  }

  static async start(checkEveryMs: number, atEnd: AtEnd): Promise<CheckedBalancer> {
    const balancer = new CheckedBalancer(checkEveryMs)
    balancer.#server.listen(0, '127.0.0.1')
    await once(balancer.#server, 'listening')
    atEnd(() => balancer.#close())
    return balancer
  }

  get address(): string {
    const { port } = this.#server.address() as AddressInfo // sound: it listens on a port
    return `http://127.0.0.1:${port}`
  }

  /** Resolves after the first look at it. One that has ended stays, and is never ready. */
  async add(address: string): Promise<void> {
    const target = { address, isReady: false }
    this.#targets.push(target)
    await this.#check(target)
    const timer = setInterval(() => void this.#check(target), this.#checkEveryMs)
    this.#server.once('close', () => clearInterval(timer))
  }

  async #check(target: Target): Promise<void> {
    const signal = AbortSignal.timeout(checkTimeoutMs)
    target.isReady = await fetch(`${target.address}/readyz`, { signal, headers: { connection: 'close' } }).then(
      ({ ok }) => ok,
      () => false,
    )
  }

  #forward(asked: IncomingMessage, answer: ServerResponse): void {
    const ready = this.#targets.filter(({ isReady }) => isReady)
    this.#next += 1
    const target = ready[this.#next % ready.length]
    if (target === undefined) fail(answer, 503)
    else this.#passOn(target, asked, answer)
  }

  #passOn(target: Target, asked: IncomingMessage, answer: ServerResponse): void {
    const { method = 'GET', url, headers } = asked
    const passedOn = request(`${target.address}${url}`, { method, headers, agent: this.#agent })
    passedOn.on('error', () => fail(answer, 502))
    passedOn.on('response', (answered) => {
      // What becomes of the connection to the node is no business of the client's.
      const { connection: _, 'keep-alive': __, ...rest } = answered.headers
      answer.writeHead(answered.statusCode ?? 502, rest)
      answered.pipe(answer)
    })
    asked.pipe(passedOn)
  }

  async #close(): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
    this.#agent.destroy()
  }
}

function fail(answer: ServerResponse, status: number): void {
  if (answer.headersSent) answer.destroy()
  else answer.writeHead(status).end()
}
