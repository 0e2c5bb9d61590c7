import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { created, errors, list, secrets } from './documented-answers.ts'

interface Answer {
  readonly status: number
  readonly body?: object
  readonly headers?: Readonly<Record<string, string>>
}

/** Made up, in the form that Intercom's tokens have. */
export const token = 'dG9rOm1hZGUtdXAtZm9yLWEtdGVzdA=='

/** Answers as Intercom documents it, and asks for what Intercom asks for. */
export class DocumentedIntercom implements AsyncDisposable {
  readonly requests: string[] = []
  /** Given to the next requests, in place of an answer of its own. */
  readonly next: (Answer | 'lost')[] = []
  readonly #server: Server = createServer((request, response) => void this.#handle(request, response))

  static async start(): Promise<DocumentedIntercom> {
    const intercom = new DocumentedIntercom()
    intercom.#server.listen(0, '127.0.0.1')
    await once(intercom.#server, 'listening')
    return intercom
  }

  get baseUrl(): string {
    // Sound: it listens on a port, not on a pipe.
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request)
    this.requests.push(`${request.method} ${request.url} ${body}`.trimEnd())
    const answer = this.next.shift() ?? answerTo(request, body)
    if (answer === 'lost') return void response.destroy()
    const content = answer.body === undefined ? undefined : JSON.stringify(answer.body)
    const type = content === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }
    response.writeHead(answer.status, { ...type, ...answer.headers }).end(content)
  }
}

function answerTo({ method, url = '', headers }: IncomingMessage, body: string): Answer {
  if (headers.authorization !== `Bearer ${token}`) return errors.unauthorized
  if (headers['intercom-version'] !== 'Preview' || headers.accept !== 'application/json') return errors.bare
  const [, collection, id] = url.split('/')
  if (collection !== 'secure_mode_secrets') return errors.notFound
  if (method === 'GET' && id === undefined) return { status: 200, body: list }
  if (method === 'POST' && id === undefined) return answerToCreate(headers['content-type'], body)
  return method === 'DELETE' && secrets.some((each) => each.id === id) ? { status: 204 } : errors.notFound
}

function answerToCreate(contentType: string | undefined, body: string): Answer {
  if (contentType !== 'application/json') return errors.bare
  const { name, supports_android, supports_ios, supports_web } = JSON.parse(body)
  const flags = [supports_android, supports_ios, supports_web]
  return typeof name === 'string' && flags.some(Boolean)
    ? { status: 201, body: { ...created, name } }
    : errors.noPlatform
}
