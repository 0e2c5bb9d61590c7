import { signRequest } from '@cutover/signing'
import { userHash } from './caller.ts'
import { RawConnection, type RawResponse } from './raw-connection.ts'

/** How a node takes what it is shown. */
export type Taken = 'accepted' | 'refused' | 'unavailable'

/** Shows something, anew each time: the request, without the line that says what becomes of the connection. */
export type Showing = () => { readonly head: string; readonly body?: string }

export function showSecret(token: string, secret: string): Showing {
  const body = JSON.stringify({ platform: 'web', userId: 'user_1', userHash: userHash(secret, 'user_1') })
  const head = `POST /v1/verifications HTTP/1.1\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n`
  return () => ({ head, body })
}

export function showToken(token: string): Showing {
  return () => ({ head: `GET /health HTTP/1.1\r\nAuthorization: Bearer ${token}\r\n` })
}

export function showIntegrator(integrator: { readonly key: string; readonly secret: string }): Showing {
  return () => {
    const path = '/v1/integrator'
    const signed = Object.entries(signRequest(integrator, { method: 'GET', path }))
    return { head: `GET ${path} HTTP/1.1\r\n${signed.map(([name, value]) => `${name}: ${value}\r\n`).join('')}` }
  }
}

export function callWith(token: string, line: string, content?: object): Showing {
  const head = `${line} HTTP/1.1\r\nAuthorization: Bearer ${token}\r\n`
  if (content === undefined) return () => ({ head })
  return () => ({ head: `${head}Content-Type: application/json\r\n`, body: JSON.stringify(content) })
}

/** Asks one node: each question is one write, on a connection that was there before or on a new one. */
export class Probe {
  readonly #address: string
  readonly #kept: RawConnection

  private constructor(address: string, kept: RawConnection) {
    this.#address = address
    this.#kept = kept
  }

  static async open(address: string): Promise<Probe> {
    return new Probe(address, await RawConnection.open(address))
  }

  /** On the kept connection and on a new one at once. */
  async ask(showing: Showing): Promise<readonly Taken[]> {
    return Promise.all([this.askKept(showing), this.askNew(showing)])
  }

  async askKept(showing: Showing): Promise<Taken> {
    return takenOf(await this.#kept.send(textOf(showing, 'keep-alive')).response())
  }

  /** The status of any other call, on the kept connection. */
  async statusKept(calling: Showing): Promise<number> {
    return (await this.#kept.send(textOf(calling, 'keep-alive')).response()).status
  }

  async askNew(showing: Showing): Promise<Taken> {
    const connection = await RawConnection.open(this.#address)
    try {
      return takenOf(await connection.send(textOf(showing, 'close')).response())
    } finally {
      connection.close()
    }
  }

  /** How many verifications the process behind the kept connection has let through. */
  async acceptedCount(): Promise<number> {
    const head = 'GET /metrics HTTP/1.1\r\n'
    const { body } = await this.#kept.send(textOf(() => ({ head }), 'keep-alive')).response()
    return Number(/^cutover_verifications_total\{platform="web",outcome="verified"\} (\d+)$/m.exec(body)?.[1])
  }

  close(): void {
    this.#kept.close()
  }
}

/** What all of them say, each on both of its connections: one entry where they agree. */
export async function askAll(probes: readonly Probe[], showing: Showing): Promise<readonly Taken[]> {
  const taken = await Promise.all(probes.map((probe) => probe.ask(showing)))
  return [...new Set(taken.flat())]
}

function textOf(showing: Showing, connection: 'keep-alive' | 'close'): string {
  const { head, body = '' } = showing()
  const length = body === '' ? '' : `Content-Length: ${Buffer.byteLength(body)}\r\n`
  return `${head}Host: localhost\r\nConnection: ${connection}\r\n${length}\r\n${body}`
}

function takenOf({ status, body }: RawResponse): Taken {
  if (status === 503) return 'unavailable'
  if (status === 401) return 'refused'
  if (status !== 200) throw new Error(`answered ${status}: ${body}`)
  return JSON.parse(body).verified === false ? 'refused' : 'accepted'
}
