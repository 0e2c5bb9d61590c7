const units = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const

/** `12d`, `3h`: the largest unit that fits, alone. */
export function shortSpan(seconds: number): string {
  const [name, count] = inLargestUnit(seconds)
  return `${count}${name.charAt(0)}`
}

/** `12 days`, `1 hour`. */
export function span(seconds: number): string {
  const [name, count] = inLargestUnit(seconds)
  return `${count} ${name}${count === 1 ? '' : 's'}`
}

/** `12 min 5 s`, `3 h 20 min`: two units at the most, for what counts up or down. */
export function twoUnitSpan(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const first = units.findIndex(([, size]) => whole >= size)
  if (first === -1) return '0 s'
  const parts = units.slice(first, first + 2).map(([name, size], index) => {
    const rest = index === 0 ? whole : whole % (units[first]?.[1] ?? 1)
    return { count: Math.floor(rest / size), unit: name === 'minute' ? 'min' : name.charAt(0) }
  })
  return parts
    .filter(({ count }) => count > 0)
    .map(({ count, unit }) => `${count} ${unit}`)
    .join(' ')
}

/** `3h ago`, or `in 3h`, for a column of a table. */
export function shortRelative(time: string, nowMs: number): string {
  return relative(time, nowMs, shortSpan)
}

/** `2026-11-21 12:00:00 UTC (3 hours ago)`, for a single thing that is shown. */
export function exactly(time: string, nowMs: number): string {
  return `${utc(time)} UTC (${relative(time, nowMs, span)})`
}

/** `2026-11-21 12:00:00` */
export function utc(time: string): string {
  return new Date(time).toISOString().slice(0, 19).replace('T', ' ')
}

export const secondsSince = (time: string, nowMs: number) => (nowMs - Date.parse(time)) / 1000

function relative(time: string, nowMs: number, words: (seconds: number) => string): string {
  const seconds = secondsSince(time, nowMs)
  if (Math.abs(seconds) < 1) return 'now'
  return seconds > 0 ? `${words(seconds)} ago` : `in ${words(-seconds)}`
}

function inLargestUnit(seconds: number): readonly [name: string, count: number] {
  const whole = Math.max(0, Math.floor(seconds))
  const [name, size] = units.find(([, size]) => whole >= size) ?? units[3]
  return [name, Math.floor(whole / size)]
}
