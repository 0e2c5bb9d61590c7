import { baseUrlOf } from './base-url.ts'
import type { Attempts, Call, CallOptions, Reply } from './call.ts'
import type { Audit } from './call-record.ts'
import { ApiError, mayHaveHappened } from './errors.ts'
import { OpenAnswer } from './open-answer.ts'
import { outgoingRequest } from './outgoing-request.ts'
import { pause } from './pause.ts'
import { isTooLateToRepeat, pauseBeforeRetry } from './retry.ts'
import { ToldCall } from './told-call.ts'

export interface TransportOptions {
  /** Where the server is: `https://cutover.example.com`, with the prefix that a proxy gives it, without a route. */
  readonly baseUrl: string
  /**
   * For one attempt, its answer read to the end, in milliseconds: 1 to 2,147,483,647. 30,000 unless given: a change may
   * have to outwait a node that died. Who verifies at a login will want less.
   */
  readonly timeoutMs?: number | undefined
  /** How often a call is sent again at most, where that is safe: 2 unless given, 0 for never. */
  readonly retries?: number | undefined
  /** Told each call once it has ended. Nobody is unless given. */
  readonly audit?: Audit | undefined
  /** Named in what `audit` is told. */
  readonly userId?: string | undefined
  /** The platform's own unless given. It has to honour `signal` and `redirect`. */
  readonly fetch?: typeof fetch | undefined
}

const defaultTimeoutMs = 30_000
const defaultRetries = 2

/** With more than that, a timer of JavaScript fires at once. */
const longestTimeoutMs = 2 ** 31 - 1

/** Sends calls: a time limit on each attempt, repeats where they are safe, and errors of three kinds. */
export class Transport {
  readonly #baseUrl: string
  readonly #options: TransportOptions
  readonly #timeoutMs: number
  readonly #retries: number
  readonly #fetch: typeof fetch

  /** @throws TypeError for options that are out of range. */
  constructor(options: TransportOptions) {
    this.#baseUrl = baseUrlOf(options.baseUrl)
    this.#options = options
    this.#timeoutMs = timeout(options.timeoutMs ?? defaultTimeoutMs)
    this.#retries = options.retries ?? defaultRetries
    if (!Number.isSafeInteger(this.#retries) || this.#retries < 0) throw new TypeError('retries must be 0 or more')
    // In a browser fetch must be called as a function of its window.
    this.#fetch = options.fetch ?? ((input, init) => fetch(input, init))
  }

  /**
   * Resolves with what `take` makes of an answer of a good status, read to its end.
   *
   * @throws ApiError, NetworkError, TimeoutError, the reason of the signal, or TypeError for what cannot be sent.
   */
  async send<Result>(call: Call, options: CallOptions = {}, take: (reply: Reply) => Result): Promise<Result> {
    const told = this.#begin(call)
    try {
      const reply = await this.#repeat(call, options, told, (answer) => answer.read())
      const result = take(reply)
      told.succeeded(reply)
      return result
    } catch (error) {
      told.failed(error, options.signal)
      throw error
    }
  }

  /** An answer as it comes. Nothing is sent again once `check` has passed its head. */
  async *stream(
    call: Call,
    options: CallOptions = {},
    check: (answer: OpenAnswer) => void,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const told = this.#begin(call)
    let answer: OpenAnswer | undefined
    try {
      answer = await this.#repeat(call, options, told, async (open) => open)
      check(answer)
      yield* answer.pieces()
      told.succeeded(answer)
    } catch (error) {
      told.failed(error, options.signal)
      throw error
    } finally {
      told.left()
      await answer?.close()
    }
  }

  /** Sends it until it is answered, or is not to be sent again. */
  async #repeat<Result>(
    call: Call,
    options: CallOptions,
    told: ToldCall,
    take: (answer: OpenAnswer) => Promise<Result>,
  ): Promise<Result> {
    const body = call.body === undefined ? undefined : JSON.stringify(call.body)
    const startedAtMs = Date.now()
    let mayBeDone = false
    for (let retries = 0; ; ) {
      told.attempts += 1
      try {
        return await take(await this.#attempt(call, body, options, { attempts: told.attempts, mayBeDone }))
      } catch (error) {
        mayBeDone ||= mayHaveHappened(error)
        if (error instanceof ApiError && call.amend?.(error)) continue
        const pauseMs =
          retries < this.#retries ? pauseBeforeRetry(error, { ...call, retries, random: Math.random }) : null
        if (pauseMs === null) throw error
        retries += 1
        await pause(pauseMs, options.signal)
        if (isTooLateToRepeat(call.repeatable, Date.now() - startedAtMs)) throw error
      }
    }
  }

  #attempt(call: Call, body: string | undefined, { signal, timeoutMs }: CallOptions, made: Attempts) {
    const request = outgoingRequest(this.#baseUrl, call, body)
    const limit = timeoutMs === undefined ? this.#timeoutMs : timeout(timeoutMs)
    return OpenAnswer.to(request, { fetch: this.#fetch, baseUrl: this.#baseUrl, timeoutMs: limit, signal }, made)
  }

  #begin(call: Call): ToldCall {
    return new ToldCall(call, this.#options.audit, this.#options.userId)
  }
}

function timeout(ms: number): number {
  if (!(ms >= 1 && ms <= longestTimeoutMs)) throw new TypeError(`timeoutMs must be 1 to ${longestTimeoutMs}`)
  return ms
}
