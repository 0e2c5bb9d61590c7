import type { Attempts, Reply } from './call.ts'
import { Deadline } from './deadline.ts'
import { errorOf } from './error-answer.ts'
import type { OutgoingRequest } from './outgoing-request.ts'

export interface AttemptOptions {
  readonly fetch: typeof fetch
  /** Named where nobody answers. */
  readonly baseUrl: string
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

/** An answer with a good status, its body yet to be read. Its time limit holds until it is read, or closed. */
export class OpenAnswer {
  readonly status: number
  readonly headers: Headers
  readonly attempts: number
  readonly mayBeDone: boolean
  readonly #response: Response
  readonly #deadline: Deadline
  readonly #words: { readonly failed: string; readonly late: string }

  private constructor(response: Response, deadline: Deadline, baseUrl: string, made: Attempts) {
    this.attempts = made.attempts
    this.mayBeDone = made.mayBeDone
    this.status = response.status
    this.headers = response.headers
    this.#response = response
    this.#deadline = deadline
    this.#words = brokenOff(baseUrl)
  }

  /**
   * Sends a request and waits for the head of its answer.
   *
   * @throws ApiError for an answer with another status, NetworkError, TimeoutError, or the reason of the signal.
   */
  static async to(request: OutgoingRequest, options: AttemptOptions, made: Attempts): Promise<OpenAnswer> {
    const { baseUrl } = options
    const deadline = new Deadline(options.timeoutMs, options.signal)
    try {
      deadline.start()
      const response = await deadline.guard(() => sent(request, options.fetch, deadline.signal), {
        failed: `${baseUrl} cannot be reached`,
        late: `${baseUrl} did not answer`,
      })
      if (response.ok) return new OpenAnswer(response, deadline, baseUrl, made)
      throw errorOf(response, await deadline.guard(() => response.text(), brokenOff(baseUrl)), made)
    } catch (error) {
      deadline.end()
      throw error
    }
  }

  /** Within the time that is left of the attempt. */
  async read(): Promise<Reply> {
    try {
      const text = await this.#deadline.guard(() => this.#response.text(), this.#words)
      const { status, headers, attempts, mayBeDone } = this
      return { status, headers, text, attempts, mayBeDone }
    } finally {
      this.#deadline.end()
    }
  }

  /** The bytes as they come, each piece within the time of a whole attempt. Leaving it closes the connection. */
  async *pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    const reader = this.#response.body?.getReader()
    try {
      while (reader !== undefined) {
        this.#deadline.start()
        const { value } = await this.#deadline.guard(() => reader.read(), this.#words)
        // What the reader of the stream does meanwhile takes nothing of the time of the server.
        this.#deadline.stop()
        if (value === undefined) return
        yield value
      }
    } finally {
      this.#deadline.end()
      // A stream that broke off rejects this as well: that is told already.
      await reader?.cancel().catch(() => {})
    }
  }

  /** For an answer that is not read. */
  async close(): Promise<void> {
    this.#deadline.end()
    await this.#response.body?.cancel().catch(() => {})
  }
}

function sent({ url, ...init }: OutgoingRequest, send: typeof fetch, signal: AbortSignal): Promise<Response> {
  const { body, ...rest } = init
  // Credentials are for this server: an answer that points elsewhere is none of the API.
  return send(url, { ...rest, ...(body === undefined ? {} : { body }), redirect: 'manual', signal })
}

function brokenOff(baseUrl: string) {
  return { failed: `The answer of ${baseUrl} broke off`, late: `${baseUrl} did not answer to the end` }
}
