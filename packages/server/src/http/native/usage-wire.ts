import type { Cutover, IntegratorCutover, IntegratorUsage, Usage } from '@cutover/contract'
import { isoTime } from '../../iso-time.ts'
import type { CountedBucket } from '../../usage/ports.ts'
import type { CutoverReport } from '../../usage/read-cutover.ts'
import type { IntegratorCutoverReport } from '../../usage/read-integrator-cutover.ts'

export function toUsage(buckets: readonly CountedBucket[]): Usage {
  const start = starts()
  return { data: buckets.map(({ startMs, platform, count }) => ({ start: start(startMs), platform, count })) }
}

export function toIntegratorUsage(
  buckets: readonly CountedBucket[],
  fingerprints: ReadonlyMap<string, string>,
): IntegratorUsage {
  const start = starts()
  const data = buckets.map(({ startMs, platform, count, secretId }) => ({
    ...{ start: start(startMs), platform, count },
    fingerprint: fingerprints.get(secretId) ?? '',
  }))
  return { data }
}

/** Thousands of buckets, of which those beside each other mostly begin together: writing a time is what costs. */
function starts(): (ms: number) => string {
  let lastMs = Number.NaN
  let last = ''
  return (ms) => {
    if (ms !== lastMs) last = isoTime(ms)
    lastMs = ms
    return last
  }
}

export function toCutover(report: CutoverReport): Cutover {
  return toWire(
    report,
    report.successors.map(({ id }) => id),
  )
}

/** Secrets of integrators have no id that anybody sees: their fingerprints name them. */
export function toIntegratorCutover(report: IntegratorCutoverReport): IntegratorCutover {
  const successors = report.successors.map(({ fingerprint }) => fingerprint)
  return { ...toWire(report, successors), judged: report.judged.map(({ fingerprint }) => fingerprint) }
}

function toWire(report: CutoverReport, successors: string[]): Cutover {
  return {
    verdict: report.verdict,
    why: report.why,
    lastVerifiedAt: isoTime(report.lastUseMs),
    quietForSeconds: Math.floor(report.quietMs / 1000),
    quietSecondsRequired: Math.ceil(report.requiredMs / 1000),
    trackingSince: isoTime(report.trackedSinceMs),
    counts: { ...report.counts },
    shareOfLastDay: report.shareOfLastDay,
    platforms: [...report.platforms],
    successors,
    sources: report.sources.map(({ source, count, lastSeenMs }) => ({
      source,
      count,
      lastSeenAt: isoTime(lastSeenMs),
    })),
  }
}
