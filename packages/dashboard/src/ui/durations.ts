const units: readonly (readonly [seconds: number, short: string, long: string])[] = [
  [86_400, 'd', 'day'],
  [3600, 'h', 'hour'],
  [60, 'min', 'minute'],
  [1, 's', 'second'],
]

/** `2 h 5 min`: the two largest units, and the second one only where it counts. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const first = units.findIndex(([size]) => whole >= size)
  if (first === -1) return '0 s'
  const parts = units.slice(first, first + 2).map(([size, short], index) => {
    const value = index === 0 ? Math.floor(whole / size) : Math.floor((whole % (units[first]?.[0] ?? 1)) / size)
    return value === 0 ? '' : `${value} ${short}`
  })
  return parts.filter(Boolean).join(' ')
}

/** `5 minutes`, in words for a screen reader and for sentences. */
export function longDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const [size, , word] = units.find(([each]) => whole >= each && whole % each === 0) ?? [1, 's', 'second']
  const value = whole / size
  return `${value} ${word}${value === 1 ? '' : 's'}`
}

/** The largest unit alone: `5 min ago`, `in 3 d`. */
export function fromNow(ms: number, nowMs: number): string {
  const seconds = Math.round(Math.abs(ms - nowMs) / 1000)
  if (seconds < 5) return 'now'
  const [size, short] = units.find(([each]) => seconds >= each) ?? [1, 's']
  const words = `${Math.floor(seconds / size)} ${short}`
  return ms > nowMs ? `in ${words}` : `${words} ago`
}

const local = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' })
const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short' })
const clockWithSeconds = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })

/** In the viewer's zone. */
export const localTime = (iso: string) => local.format(new Date(iso))
export const clockTime = (iso: string) => clock.format(new Date(iso))
export const exactClockTime = (iso: string) => clockWithSeconds.format(new Date(iso))
