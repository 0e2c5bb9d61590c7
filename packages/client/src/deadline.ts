import { NetworkError, TimeoutError } from './errors.ts'

/**
 * How long an answer may take, together with the caller's own signal. It leaves nothing behind once it has ended: no
 * timer that keeps a process alive, and no listener on a signal that is used for many calls.
 */
export class Deadline {
  readonly #controller = new AbortController()
  readonly #timeoutMs: number
  readonly #caller: AbortSignal | undefined
  readonly #follow = () => this.#controller.abort(this.#caller?.reason)
  #timer: ReturnType<typeof setTimeout> | undefined
  #isOver = false

  constructor(timeoutMs: number, caller: AbortSignal | undefined) {
    this.#timeoutMs = timeoutMs
    this.#caller = caller
    caller?.addEventListener('abort', this.#follow)
    if (caller?.aborted) this.#follow()
  }

  /** For fetch; it holds for the body of the answer as well. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Gives the server the whole time from now on. */
  start(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#timeUp(), this.#timeoutMs)
  }

  /** Lets the time of the caller not count. */
  stop(): void {
    clearTimeout(this.#timer)
  }

  end(): void {
    this.stop()
    this.#caller?.removeEventListener('abort', this.#follow)
  }

  /** Rejects with what the call is to reject with: the caller's reason, TimeoutError or NetworkError. */
  async guard<Result>(work: () => Promise<Result>, words: { readonly failed: string; readonly late: string }) {
    try {
      return await work()
    } catch (cause) {
      if (this.#caller?.aborted) throw this.#caller.reason
      if (this.#isOver) throw new TimeoutError(`${words.late} within ${this.#timeoutMs} ms`)
      throw new NetworkError(`${words.failed}: ${reasonOf(cause)}`, { cause })
    }
  }

  #timeUp(): void {
    this.#isOver = true
    this.#controller.abort()
  }
}

/** What the platform says of a connection that failed, in a word or two. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  const cause: unknown = error.cause
  if (!(cause instanceof Error)) return error.message
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
  // The codes of Node's own fetch tell less than its words; those of the system, more.
  return code === '' || code.startsWith('UND_') ? cause.message : code
}
