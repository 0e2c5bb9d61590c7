import type { operations } from '@cutover/contract'
import type { Audit, CallRecord } from './call-record.ts'
import { errorOf } from './error-answer.ts'
import { ApiError, NetworkError, TimeoutError } from './errors.ts'
import { pauseBeforeRetry, type Repeatable } from './retry.ts'

export interface TransportOptions {
  /** Where the server is: `https://cutover.example.com`, without the path of a route. */
  readonly baseUrl: string
  /** For one attempt, in milliseconds. 30,000 unless given: a change may have to outwait a node that died. */
  readonly timeoutMs?: number | undefined
  /** How often a call is sent again at most. 2 unless given; only where that is safe. */
  readonly retries?: number | undefined
  /** Told each call. Nobody is unless given. */
  readonly audit?: Audit | undefined
  /** Named in what `audit` is told. */
  readonly userId?: string | undefined
  /** The platform's own unless given. */
  readonly fetch?: typeof fetch | undefined
}

/** What a caller may say of a single call. */
export interface CallOptions {
  /** Ends the call; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** For each attempt, in milliseconds, in place of the client's own. */
  readonly timeoutMs?: number | undefined
}

/** As the OpenAPI document names it. */
export type OperationId = keyof typeof operations

export interface Call {
  readonly operation: OperationId
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Percent-encoded, from the root of the server. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined
  /** Headers that are new with each attempt. */
  readonly sign?: ((target: string, body: string | undefined) => Readonly<Record<string, string>>) | undefined
  readonly repeatable: Repeatable
}

export interface Reply {
  readonly response: Response
  /** From 1; more than that: what was asked for may have been done by an attempt whose answer was lost. */
  readonly attempts: number
}

const defaultTimeoutMs = 30_000
const defaultRetries = 2

/** Sends calls: a time limit on each attempt, repeats where they are safe, and errors of three kinds. */
export class Transport {
  readonly baseUrl: string
  readonly #options: TransportOptions
  readonly #fetch: typeof fetch

  constructor(options: TransportOptions) {
    const url = new URL(options.baseUrl)
    if (!/^https?:$/.test(url.protocol)) throw new TypeError('baseUrl must be an http or https URL')
    if (url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '') {
      throw new TypeError('baseUrl must not have a user, a query or a fragment')
    }
    this.baseUrl = url.href.replace(/\/+$/, '')
    this.#options = options
    // In a browser fetch must be called as a method of its window.
    this.#fetch = options.fetch ?? ((input, init) => fetch(input, init))
  }

  /** Resolves with an answer below 300, its body unread. @throws ApiError, NetworkError, TimeoutError */
  async send(call: Call, options: CallOptions = {}): Promise<Reply> {
    const startedAt = performance.now()
    const timestamp = new Date().toISOString()
    let attempts = 0
    const record = (result: CallRecord['result'], facts: Partial<CallRecord['metadata']>) =>
      this.#tell(call, timestamp, result, { ...facts, attempts, durationMs: Math.round(performance.now() - startedAt) })
    for (;;) {
      attempts += 1
      try {
        const response = await this.#attempt(call, attempts, options)
        record('success', { status: response.status, ...requestIdOf(response) })
        return { response, attempts }
      } catch (error) {
        const pauseMs = this.#pauseBeforeRetry(error, attempts, call.repeatable)
        if (pauseMs === null || options.signal?.aborted) {
          record('failure', failureFacts(error))
          throw error
        }
        await pause(pauseMs, options.signal)
      }
    }
  }

  #pauseBeforeRetry(error: unknown, attempt: number, repeatable: Repeatable): number | null {
    if (attempt > (this.#options.retries ?? defaultRetries)) return null
    return pauseBeforeRetry(error, { attempt, repeatable, random: Math.random })
  }

  async #attempt(
    call: Call,
    attempts: number,
    { signal, timeoutMs = this.#options.timeoutMs ?? defaultTimeoutMs }: CallOptions,
  ) {
    const body = call.body === undefined ? undefined : JSON.stringify(call.body)
    const url = new URL(this.baseUrl + call.path + queryOf(call.query))
    const timeout = AbortSignal.timeout(timeoutMs)
    let response: Response
    try {
      response = await this.#fetch(url, {
        method: call.method,
        headers: {
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...definedOf(call.headers),
          ...call.sign?.(url.pathname + url.search, body),
        },
        ...(body === undefined ? {} : { body }),
        // Credentials are for this server: an answer that points elsewhere is none of the API.
        redirect: 'manual',
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      })
      if (response.status < 300 && response.type !== 'opaqueredirect') return response
    } catch (error) {
      throw this.#unanswered(error, { signal, timeout, timeoutMs })
    }
    throw await errorOf(response, attempts)
  }

  #unanswered(
    error: unknown,
    { signal, timeout, timeoutMs }: { signal: AbortSignal | undefined; timeout: AbortSignal; timeoutMs: number },
  ): unknown {
    if (signal?.aborted) return signal.reason
    if (timeout.aborted) return new TimeoutError(`${this.baseUrl} did not answer within ${timeoutMs} ms`)
    return new NetworkError(`${this.baseUrl} cannot be reached: ${reasonOf(error)}`, { cause: error })
  }

  #tell(call: Call, timestamp: string, result: CallRecord['result'], metadata: CallRecord['metadata']): void {
    const { audit, userId = null } = this.#options
    const resource = call.path.replace(/^\/(v1\/)?/, '')
    try {
      audit?.({ timestamp, action: call.operation, userId, resource, result, metadata })
    } catch {
      // The call has happened, whatever becomes of the record.
    }
  }
}

/** The body of an answer, of the type that the contract gives it. */
export async function json<Body>({ response }: Reply): Promise<Body> {
  try {
    return (await response.json()) as Body // sound as far as the server keeps to its contract
  } catch (cause) {
    if (cause instanceof SyntaxError) throw notTheApi(response)
    throw new NetworkError('The answer broke off', { cause })
  }
}

/** An answer with a good status that is no JSON: somebody else answers there. */
function notTheApi(response: Response): ApiError {
  return new ApiError({
    status: response.status,
    code: 'unexpected_answer',
    dialect: 'unknown',
    requestId: response.headers.get('x-request-id') ?? undefined,
    message: 'The answer is no JSON: is this the address of the API?',
  })
}

function queryOf(query: Call['query'] = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined)
  return given.length === 0 ? '' : `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`
}

function definedOf(headers: Call['headers'] = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}

function failureFacts(error: unknown): Partial<CallRecord['metadata']> {
  if (!(error instanceof ApiError)) return { code: error instanceof Error ? error.name : 'unknown' }
  const { status, code, requestId } = error
  return { status, code, ...(requestId === undefined ? {} : { requestId }) }
}

function requestIdOf(response: Response): { requestId?: string } {
  const requestId = response.headers.get('x-request-id')
  return requestId === null ? {} : { requestId }
}

/** What the platform says of a connection that failed, without its stack. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error
  const { code, message: reason } = (cause ?? {}) as { code?: string; message?: string }
  return code ?? reason ?? message
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal?.addEventListener('abort', stop, { once: true })
  })
}
