import type { BucketRange } from './ports.ts'

const minuteMs = 60_000
const hourMs = 3_600_000
const dayMs = 86_400_000

/** To the minute, by the buckets of one minute. */
export function lastHour(nowMs: number): readonly BucketRange[] {
  return [{ spanMinutes: 1, fromMs: after(nowMs - hourMs, minuteMs), untilMs: nowMs + 1 }]
}

/** To the minute: whole hours, and the minutes before the first of them. */
export function lastDay(nowMs: number): readonly BucketRange[] {
  const firstHourMs = after(nowMs - dayMs, hourMs)
  return [
    { spanMinutes: 1, fromMs: after(nowMs - dayMs, minuteMs), untilMs: firstHourMs },
    { spanMinutes: 60, fromMs: firstHourMs, untilMs: nowMs + 1 },
  ]
}

/** To the hour: whole days, and the hours before the first of them. */
export function last30Days(nowMs: number): readonly BucketRange[] {
  const fromMs = nowMs - 30 * dayMs
  const firstDayMs = after(fromMs, dayMs)
  return [
    { spanMinutes: 60, fromMs: after(fromMs, hourMs), untilMs: firstDayMs },
    { spanMinutes: 1440, fromMs: firstDayMs, untilMs: nowMs + 1 },
  ]
}

/** The first bucket that begins after `ms`. */
function after(ms: number, lengthMs: number): number {
  return Math.floor(ms / lengthMs) * lengthMs + lengthMs
}
