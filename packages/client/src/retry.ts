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

/** The first request with the key is still running, and its answer is the one to wait for; or it was destroyed. */
const conflictCodes: ReadonlySet<string> = new Set(['idempotency_conflict', 'conflict'])

/** An answer is kept under its key for 10 minutes: after that, the same key makes the same thing a second time. */
const keyedForMs = 9 * 60_000

/**
 * How long to wait before the next attempt, in milliseconds; `null`: do not try again. Pauses double, each of them
 * shortened by chance, so that callers which failed together do not come back together; where the server says how long,
 * it is that long at least.
 *
 * @param retries - how often it was sent again until now, from 0
 * @param random - from 0 to 1
 */
export function pauseBeforeRetry(
  error: unknown,
  { retries, repeatable, random }: { retries: number; repeatable: Repeatable; random: () => number },
): number | null {
  if (!mayRepeat(error, repeatable)) return null
  const asked = error instanceof ApiError ? error.retryAfterSeconds : undefined
  if (asked !== undefined) return asked > longestAskedSeconds ? null : asked * 1000 + random() * firstPauseMs
  const ceiling = Math.min(longestPauseMs, firstPauseMs * 2 ** retries)
  return ceiling * (0.5 + random() / 2)
}

/** By the clock of the wall: a machine that slept in between has not sent the key lately. */
export function isTooLateToRepeat(repeatable: Repeatable, sinceFirstMs: number): boolean {
  return repeatable === 'keyed' && !(sinceFirstMs >= 0 && sinceFirstMs <= keyedForMs)
}

function mayRepeat(error: unknown, repeatable: Repeatable): boolean {
  if (error instanceof ApiError) {
    if (error.status === 429) return true
    if (repeatable === 'refused_only') return false
    return unknownOutcomes.has(error.status) || (repeatable === 'keyed' && conflictCodes.has(error.code))
  }
  return repeatable !== 'refused_only' && (error instanceof NetworkError || error instanceof TimeoutError)
}
