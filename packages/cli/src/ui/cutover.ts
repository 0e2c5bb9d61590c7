import type { Cutover } from '@cutover/contract'
import { facts } from './facts.ts'
import { list } from './list.ts'
import { exactly, shortRelative, span } from './times.ts'

export interface Shown {
  readonly nowMs: number
  readonly width: number
}

/**
 * Whether a secret may go, and who still uses it.
 * @param what - is judged: "it"
 */
export function cutoverInWords(what: string, cutover: Cutover, { nowMs, width }: Shown): string {
  const { counts, sources, successors, shareOfLastDay } = cutover
  const judged = facts(
    [
      ['verdict', { safe: `safe: ${what} may go`, in_use: 'in use', unknown: 'unknown' }[cutover.verdict]],
      ['why', cutover.why],
      ['quiet', `for ${span(cutover.quietForSeconds)}, of ${span(cutover.quietSecondsRequired)} required`],
      ['uses', `${counts.lastHour} in the last hour, ${counts.lastDay} in a day, ${counts.last30Days} in 30 days`],
      ['share', shareOfLastDay === null ? null : `${percent(shareOfLastDay)} of the last day on its platforms`],
      ['used on', cutover.platforms.join(' ') || null],
      ['instead', successors.length === 0 ? null : `others verify: ${successors.join(' ')}`],
      ['counted', `since ${exactly(cutover.trackingSince, nowMs)}`],
    ],
    width,
  )
  return sources.length === 0 ? judged : `${judged}\n\n${usersOf(cutover, { nowMs, width })}`
}

/** Who signed with it, the latest first. */
export function usersOf({ sources }: Pick<Cutover, 'sources'>, { nowMs, width }: Shown): string {
  return list(
    [
      { head: 'WHO STILL USES IT', value: ({ source }) => source ?? '(without a source)', least: 24 },
      { head: 'USES', value: ({ count }) => String(count) },
      { head: 'LAST', value: ({ lastSeenAt }) => shortRelative(lastSeenAt, nowMs) },
    ],
    sources,
    width,
  )
}

/** `4%`, `0.3%`; never 0% of something, nor 100% of what is not all. */
export function percent(share: number): string {
  const value = share * 100
  if (value > 0 && value < 0.1) return '<0.1%'
  if (value < 100 && value > 99.9) return '>99.9%'
  return `${Number(value.toFixed(value < 10 || value > 99 ? 1 : 0))}%`
}
