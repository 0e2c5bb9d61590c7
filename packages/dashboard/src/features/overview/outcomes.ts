import type { OutcomeCounts, Platform, VerificationReason } from '@cutover/contract'
import { useQuery } from '@tanstack/react-query'
import { useOpenSession } from '../../app/session-store.ts'

export type OutcomeCount = OutcomeCounts['data'][number]
type Outcome = OutcomeCount['outcome']

const hourMs = 3_600_000
const hours = 24

/** Of the last 24 hours, by the hour. */
export function useOutcomes() {
  const { client } = useOpenSession()
  return useQuery({
    queryKey: ['outcomes'],
    queryFn: async () => (await client.verifications.outcomes({ from: hourStarts(Date.now())[0] })).data,
    refetchInterval: 30_000,
  })
}

/** The starts of the last 24 hours, the one that is running among them; the latest last. */
function hourStarts(nowMs: number): readonly string[] {
  const last = Math.floor(nowMs / hourMs) * hourMs
  return Array.from({ length: hours }, (_, index) => new Date(last - (hours - 1 - index) * hourMs).toISOString())
}

export interface HourOfPlatform {
  readonly start: string
  readonly verified: number
  readonly unsigned: number
  readonly failed: number
}

/** How many a minute, on average of each hour; of the one that is running, of what has passed of it. */
export function ratesOf(counts: readonly OutcomeCount[], platform: Platform, nowMs: number): readonly HourOfPlatform[] {
  return hourStarts(nowMs).map((start) => {
    const minutes = Math.max(1, Math.min(60, (nowMs - Date.parse(start)) / 60_000))
    const here = counts.filter((each) => each.start === start && each.platform === platform)
    const rateOf = (fits: (outcome: Outcome) => boolean) =>
      here.filter(({ outcome }) => fits(outcome)).reduce((sum, { count }) => sum + count, 0) / minutes
    return {
      start,
      verified: rateOf((outcome) => outcome === 'verified'),
      unsigned: rateOf((outcome) => outcome === 'unsigned'),
      failed: rateOf((outcome) => outcome !== 'verified' && outcome !== 'unsigned'),
    }
  })
}

export interface ReasonCount {
  readonly reason: VerificationReason
  readonly count: number
  /** Of all that was asked. */
  readonly share: number
}

/** What did not verify, by its reason, the most frequent first. */
export function failuresOf(counts: readonly OutcomeCount[]): readonly ReasonCount[] {
  const total = counts.reduce((sum, { count }) => sum + count, 0)
  const byReason = new Map<VerificationReason, number>()
  for (const { outcome, count } of counts) {
    if (outcome !== 'verified') byReason.set(outcome, (byReason.get(outcome) ?? 0) + count)
  }
  return [...byReason]
    .map(([reason, count]) => ({ reason, count, share: total === 0 ? 0 : count / total }))
    .sort((one, other) => other.count - one.count)
}
