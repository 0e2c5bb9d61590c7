import { Refusal } from '../refusal.ts'

/** RFC 3339, which is what ISO 8601 has for a moment; finer than a millisecond it could not be compared. */
const timeShape = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?(?:Z|[+-]\d{2}:\d{2})$/

/** A moment as Unix milliseconds; `null`: none was given. */
export function parseTime(field: string, time: string | undefined): number | null {
  if (time === undefined) return null
  const [, date] = timeShape.exec(time) ?? []
  const atMs = date !== undefined && isDate(date) ? Date.parse(time) : Number.NaN
  if (Number.isNaN(atMs)) {
    const message = `${field} must be a time like 2026-11-21T12:00:00Z`
    throw new Refusal('fields_invalid', { faults: [{ field, message, isTypeMismatch: false }] })
  }
  return atMs
}

/** The parser of dates turns the 30th of February into a day in March. */
function isDate(date: string): boolean {
  const midnight = new Date(`${date}T00:00:00.000Z`)
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(date)
}

/** Half-open, `to` by default now; what happens at this very moment is in it. */
export function parsePeriod(
  { from, to }: { readonly from?: string; readonly to?: string },
  nowMs: number,
): { readonly fromMs: number | null; readonly toMs: number } {
  const fromMs = parseTime('from', from)
  const toMs = parseTime('to', to) ?? nowMs + 1
  if (fromMs === null || fromMs < toMs) return { fromMs, toMs }
  const faults = [{ field: 'from', message: 'from must be before to', isTypeMismatch: false }]
  throw new Refusal('fields_invalid', { faults })
}
