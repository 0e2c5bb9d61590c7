/** What an `audit` option is given of each call, once it has ended. It holds no secret and no body. */
export interface CallRecord {
  /** When the call began, ISO 8601, UTC. */
  readonly timestamp: string
  /** The name of the operation, as in the OpenAPI document. */
  readonly action: string
  /** Who calls, as the client was told; `null` unless it was. */
  readonly userId: string | null
  /** What it was about: `identity-secrets/12`. */
  readonly resource: string
  readonly result: 'success' | 'failure'
  readonly metadata: {
    /** HTTP status; absent where nobody answered. */
    readonly status?: number
    /** Of the API's error, or the name of another one: `NetworkError`, `TimeoutError`, `AbortError`, `TypeError`. */
    readonly code?: string
    readonly requestId?: string
    /** How often it was sent. */
    readonly attempts: number
    readonly durationMs: number
  }
}

/** Told each call; what it throws is ignored, since the call has happened and its answer may hold a secret. */
export type Audit = (record: CallRecord) => void

/** An `audit` that prints each call as a line of JSON on standard output. */
export const printCalls: Audit = (record) => console.log(JSON.stringify(record))
