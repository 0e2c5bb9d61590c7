import { ApiError, NetworkError, TimeoutError } from './errors.ts'

/**
 * When a call may be sent once more.
 *
 * - `safe`: sending it twice does what sending it once does, also where the first one did arrive
 * - `keyed`: the same, thanks to an Idempotency-Key
 * - `refused_only`: only where the answer says that nothing was done
 */
export type Repeatable = 'safe' | 'keyed' | 'refused_only'

const firstPauseMs = 200
const longestPauseMs = 5000

/** A server that asks for a longer wait than that is answered by giving up. */
const longestAskedSeconds = 30

/** A call whose outcome is not known may have been done: these say so, and 429 alone says that it was not. */
const unknownOutcomes: ReadonlySet<number> = new Set([500, 502, 503, 504])

/**
 * How long to wait before the next attempt, in milliseconds; `null`: do not try again. Pauses double, each of them
 * shortened by chance, so that callers which failed together do not come back together.
 *
 * @param attempt - how many there were, from 1
 */
export function pauseBeforeRetry(
  error: unknown,
  { attempt, repeatable, random }: { attempt: number; repeatable: Repeatable; random: () => number },
): number | null {
  if (!mayRepeat(error, repeatable)) return null
  const asked = error instanceof ApiError ? error.retryAfterSeconds : undefined
  if (asked !== undefined) return asked > longestAskedSeconds ? null : asked * 1000
  const ceiling = Math.min(longestPauseMs, firstPauseMs * 2 ** (attempt - 1))
  return ceiling * (0.5 + random() / 2)
}

function mayRepeat(error: unknown, repeatable: Repeatable): boolean {
  if (error instanceof ApiError) {
    return error.status === 429 || (repeatable !== 'refused_only' && unknownOutcomes.has(error.status))
  }
  return repeatable !== 'refused_only' && (error instanceof NetworkError || error instanceof TimeoutError)
}
