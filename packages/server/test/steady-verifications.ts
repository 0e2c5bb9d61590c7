import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { userHash } from './caller.ts'

/** Asks again every few milliseconds, whether there was an answer yet or not, until it is stopped. */
export class SteadyVerifications {
  readonly #agent = new Agent({ keepAlive: true })
  readonly #address: string
  readonly #token: string
  readonly #body: string
  readonly #timer: NodeJS.Timeout
  readonly #asked: Promise<string>[] = []

  constructor(address: string, token: string, secret: string, everyMs: number) {
    this.#address = address
    this.#token = token
    this.#body = JSON.stringify({ platform: 'web', userId: 'user_1', userHash: userHash(secret, 'user_1') })
    this.#timer = setInterval(() => this.#asked.push(this.#ask()), everyMs)
  }

  /** How many there were of each answer: its status with the verdict, or what went wrong with the connection. */
  async stop(): Promise<Readonly<Record<string, number>>> {
    clearInterval(this.#timer)
    const answers = Map.groupBy(await Promise.all(this.#asked), (answer) => answer)
    this.#agent.destroy()
    return Object.fromEntries([...answers].map(([answer, { length }]) => [answer, length]))
  }

  async #ask(): Promise<string> {
    const headers = { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' }
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    request(`${this.#address}/v1/verifications`, { method: 'POST', agent: this.#agent, headers })
      .on('error', reject)
      .on('response', (answer) => {
        text(answer).then((body) => resolve(`${answer.statusCode} ${verdictIn(body)}`), reject)
      })
      .end(this.#body)
    return promise.catch(({ code, message }) => code ?? message)
  }
}

function verdictIn(body: string): string {
  return body.startsWith('{') ? String(JSON.parse(body).verified) : body
}
