import type { Call } from './call.ts'
import type { Audit, CallRecord } from './call-record.ts'
import { ApiError } from './errors.ts'

type Facts = Omit<CallRecord['metadata'], 'attempts' | 'durationMs'>

/** A call under way, of which `audit` is told once, when it ends. */
export class ToldCall {
  attempts = 0
  readonly #call: Call
  readonly #audit: Audit | undefined
  readonly #userId: string | null
  readonly #timestamp = new Date().toISOString()
  readonly #startedAt = performance.now()
  #isTold = false

  constructor(call: Call, audit: Audit | undefined, userId: string | undefined) {
    this.#call = call
    this.#audit = audit
    this.#userId = userId ?? null
  }

  succeeded({ status, headers }: { readonly status: number; readonly headers: Headers }): void {
    const requestId = headers.get('x-request-id')
    this.#tell('success', { status, ...(requestId === null ? {} : { requestId }) })
  }

  failed(error: unknown, signal: AbortSignal | undefined): void {
    if (signal?.aborted && error === signal.reason) this.left()
    else this.#tell('failure', failureFacts(error))
  }

  /** By its caller: with a signal, or out of a stream that is not at its end. */
  left(): void {
    this.#tell('failure', { code: 'AbortError' })
  }

  #tell(result: CallRecord['result'], facts: Facts): void {
    if (this.#isTold) return
    this.#isTold = true
    const { operation: action, path } = this.#call
    const durationMs = Math.round(performance.now() - this.#startedAt)
    // Without the query, which may hold what a log should not.
    const resource = path.replace(/^\/(v1\/)?/, '')
    const metadata = { ...facts, attempts: this.attempts, durationMs }
    const record = { timestamp: this.#timestamp, action, userId: this.#userId, resource, result, metadata }
    // The call has happened, whatever becomes of the record; also where an `audit` that is asynchronous rejects.
    void (async () => this.#audit?.(record))().catch(() => {})
  }
}

function failureFacts(error: unknown): Facts {
  if (!(error instanceof ApiError)) return { code: error instanceof Error ? error.name : 'unknown' }
  const { status, code, requestId } = error
  return { status, code, ...(requestId === undefined ? {} : { requestId }) }
}
