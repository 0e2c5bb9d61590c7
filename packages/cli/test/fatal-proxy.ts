import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** A request at which the caller dies: before it has reached the server, or with the answer on its way. */
export interface FatalMoment {
  readonly when: 'before' | 'after'
  readonly method: string
  readonly path: RegExp
}

/** Stands between the command and the server, and ends the command with SIGKILL at one moment. */
export class FatalProxy implements AsyncDisposable {
  readonly #server = createServer((request, response) => void this.#pass(request, response))
  readonly #target: string
  readonly #moment: FatalMoment | null
  #kill: () => void = () => {}
  /** How often it came to that moment. */
  killed = 0

  private constructor(target: string, moment: FatalMoment | null) {
    this.#target = target
    this.#moment = moment
  }

  /** @param moment - `null`: it only passes on */
  static async start(target: string, moment: FatalMoment | null): Promise<FatalProxy> {
    const proxy = new FatalProxy(target, moment)
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}` // sound: it listens on a port
  }

  /** From now on that moment ends `child`, once. */
  aim(child: { kill(signal: NodeJS.Signals): boolean }): void {
    this.#kill = () => {
      this.#kill = () => {}
      this.killed += 1
      child.kill('SIGKILL')
    }
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/' } = request
    const moment =
      this.killed === 0 && this.#moment?.method === method && this.#moment.path.test(url) ? this.#moment : null
    const body = await buffer(request)
    if (moment?.when === 'before') return this.#end(response)
    const { host: _, connection: _connection, ...headers } = request.headers
    const answer = await fetch(this.#target + url, {
      method,
      headers: headers as Record<string, string>, // sound: none of what the command sends is repeated
      ...(body.length === 0 ? {} : { body }),
    })
    const text = await answer.text()
    if (moment) return this.#end(response)
    response.writeHead(answer.status, {
      'content-type': answer.headers.get('content-type') ?? 'text/plain',
      'cutover-revocation-epoch': answer.headers.get('cutover-revocation-epoch') ?? '',
    })
    response.end(text)
  }

  #end(response: ServerResponse): void {
    this.#kill()
    response.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
