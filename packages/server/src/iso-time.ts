/** ISO 8601 in UTC with milliseconds, as every answer and every audit entry has its times; `null` stays `null`. */
export function isoTime(milliseconds: number): string
export function isoTime(milliseconds: number | null): string | null
export function isoTime(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString()
}
