import type { FastifyInstance, InjectOptions } from 'fastify'

type Method = NonNullable<InjectOptions['method']>

export interface DemoCall {
  readonly payload?: object
  readonly headers?: Readonly<Record<string, string>>
  /** `null`: the call carries none; absent: the demo's own. */
  readonly token?: string | null
}

/** Calls this server as any client would, through its routes and with all their checks, but for the network. */
export class DemoCalls {
  readonly #app: FastifyInstance
  readonly #token: string

  constructor(app: FastifyInstance, token: string) {
    this.#app = app
    this.#token = token
  }

  async send(method: Method, url: string, { payload, headers, token = this.#token }: DemoCall = {}) {
    const authorization = token === null ? {} : { authorization: `Bearer ${token}` }
    const body = payload === undefined ? {} : { payload }
    return this.#app.inject({ method, url, headers: { ...authorization, ...headers }, ...body })
  }

  /** What must work. */
  async ask<Body>(method: Method, url: string, call: DemoCall = {}): Promise<Body> {
    const answer = await this.send(method, url, call)
    if (answer.statusCode >= 300) throw new Error(`${method} ${url} was answered ${answer.statusCode}`)
    return answer.body === '' ? (undefined as Body) : answer.json<Body>() // sound as far as the routes keep to the contract
  }
}
