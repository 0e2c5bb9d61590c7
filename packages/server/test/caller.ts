import { createHmac } from 'node:crypto'
import type { CreatedSecureModeSecret, SecureModeSecret, VerificationResult } from '@cutover/contract'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

export interface CallOptions {
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON; a string is sent as it is. */
  readonly body?: unknown
  /** `null`: the call carries none. */
  readonly token?: string | null
}

export interface CreateOptions {
  readonly idempotencyKey?: string
}

/** Calls one server over HTTP, and keeps every answer it gave. */
export class Caller {
  readonly answers: Answer[] = []
  readonly #address: string
  readonly #token: string

  constructor(address: string, token: string) {
    this.#address = address
    this.#token = token
  }

  async call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const { body, token = this.#token } = options
    const headers = {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...options.headers,
    }
    const content = typeof body === 'string' ? body : JSON.stringify(body)
    const response = await fetch(`${this.#address}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: content }),
    })
    const answer = { status: response.status, headers: response.headers, text: await response.text() }
    this.answers.push(answer)
    return answer
  }

  /** The raw answer to a create for all platforms. */
  post(name: string, { idempotencyKey }: CreateOptions = {}): Promise<Answer> {
    return this.call('POST', '/secure_mode_secrets', {
      body: { name, supports_web: true, supports_ios: true, supports_android: true },
      headers: idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey },
    })
  }

  async create(name: string, options: CreateOptions = {}): Promise<CreatedSecureModeSecret> {
    return JSON.parse(expectStatus(201, await this.post(name, options)).text)
  }

  async list(): Promise<readonly SecureModeSecret[]> {
    return JSON.parse(expectStatus(200, await this.call('GET', '/secure_mode_secrets')).text).data
  }

  delete(id: string): Promise<Answer> {
    return this.call('DELETE', `/secure_mode_secrets/${id}`)
  }

  /** Asks whether `userId`, signed with `secret`, is who they say on the web. */
  async verify(secret: string, userId = 'user_1'): Promise<VerificationResult> {
    const body = { platform: 'web', userId, userHash: userHash(secret, userId) }
    return JSON.parse(expectStatus(200, await this.call('POST', '/v1/verifications', { body })).text)
  }
}

/** As a customer's backend makes it: nothing of Cutover's own. */
export function userHash(secret: string, userId: string): string {
  return createHmac('sha256', secret).update(userId, 'utf8').digest('hex')
}

function expectStatus(status: number, answer: Answer): Answer {
  if (answer.status === status) return answer
  throw new Error(`answered ${answer.status} in place of ${status}: ${answer.text}`)
}
