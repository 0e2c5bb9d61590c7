import { Refusal } from '../refusal.ts'

/** The ends of processes that told nothing are remembered for longer than this. */
const longestQuietSeconds = 60 * 86_400

/** Whole seconds of a query as milliseconds; `null`: none were given. */
export function parseQuiet(field: string, text: string | undefined, leastSeconds: 0 | 1): number | null {
  if (text === undefined) return null
  const seconds = Number(text)
  if (!/^[0-9]+$/.test(text) || seconds < leastSeconds || seconds > longestQuietSeconds) {
    const message = `${field} must be whole seconds from ${leastSeconds} to ${longestQuietSeconds}`
    throw new Refusal('fields_invalid', { faults: [{ field, message, isTypeMismatch: false }] })
  }
  return seconds * 1000
}
