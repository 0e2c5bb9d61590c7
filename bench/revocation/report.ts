import { percentile } from '../statistics.ts'
import { deadNode } from './faults.ts'
import type { Deletion } from './gates.ts'
import type { Recorder } from './recorder.ts'
import type { Outcome, RunOptions } from './run-under-faults.ts'

export interface Times {
  readonly count: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly mostMs: number
}

/** What a run shows, in numbers. */
export interface Report {
  readonly options: RunOptions
  readonly minutes: number
  readonly changes: number
  /** By what their callers know of them. */
  readonly unknownChanges: number
  readonly deletes: number
  /** Every live node had accepted the subject shortly before, and every node was asked right after. */
  readonly countedDeletes: number
  readonly probes: Readonly<Record<'verified' | 'unverified' | 'unavailable', number>>
  /** Of what had been deleted before, all of them refused or unavailable unless a promise was broken. */
  readonly probesAfterDelete: number
  readonly unavailable: { readonly inFaultWindows: number; readonly outside: number }
  readonly deleteTimes: {
    readonly healthy: Times | null
    readonly deadNode: Times | null
    readonly otherFault: Times | null
  }
  readonly faults: Readonly<Record<string, number>>
  readonly violations: readonly string[]
  readonly surprises: readonly string[]
}

export function reportOf(options: RunOptions, { recorder, deletions, faults, violations, surprises }: Outcome): Report {
  const { operations, verifications } = recorder
  const count = (outcome: string) => verifications.filter((each) => each.outcome === outcome).length
  const unavailable = verifications.filter(({ outcome }) => outcome === 'unavailable')
  const outside = unavailable.filter(({ isCalm }) => isCalm).length
  const first = operations[0]?.invokedMs ?? 0
  return {
    options,
    minutes: ((operations.at(-1)?.invokedMs ?? first) - first) / 60_000,
    changes: operations.length,
    unknownChanges: operations.filter(({ outcome }) => outcome === 'unknown').length,
    deletes: deletions.length,
    countedDeletes: deletions.filter(({ isCounted }) => isCounted).length,
    probes: { verified: count('verified'), unverified: count('unverified'), unavailable: unavailable.length },
    probesAfterDelete: probesAfter(recorder, deletions),
    unavailable: { inFaultWindows: unavailable.length - outside, outside },
    deleteTimes: deleteTimes(recorder, deletions),
    faults: Object.fromEntries(faults),
    violations,
    surprises,
  }
}

/** For people. */
export function renderReport(report: Report): string {
  const { options, deleteTimes, probes, unavailable } = report
  const { violations, surprises } = report
  const asked = probes.verified + probes.unverified + probes.unavailable
  const rows: readonly (readonly [string, string])[] = [
    ['nodes, lease', `${options.nodes}, ${options.leaseMs} ms`],
    ['seed, minutes', `${options.seed}, ${report.minutes.toFixed(1)}`],
    ['changes', `${figure(report.changes)}, of ${figure(report.unknownChanges)} the answer was lost or none`],
    ['deletes', `${figure(report.deletes)}, counted ${figure(report.countedDeletes)}`],
    ['probes answered', `${figure(asked)}, ${figure(report.probesAfterDelete)} of them after a delete of theirs`],
    ['503 to probes', `${figure(unavailable.inFaultWindows)} in fault windows, ${figure(unavailable.outside)} outside`],
    ['DELETE, all healthy', timesOf(deleteTimes.healthy)],
    ['DELETE, a node stopped, killed or cut off', timesOf(deleteTimes.deadNode)],
    ['DELETE, another fault', timesOf(deleteTimes.otherFault)],
    [
      'faults',
      Object.entries(report.faults)
        .map(([name, times]) => `${times} × ${name}`)
        .join(', '),
    ],
    ['violations of S1 to S4', figure(violations.length)],
    ['other surprises', figure(surprises.length)],
  ]
  const width = Math.max(...rows.map(([name]) => name.length))
  const lines = rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`)
  return [...lines, ...violations.slice(0, 20), ...surprises.slice(0, 20)].join('\n')
}

function probesAfter({ verifications }: Recorder, deletions: readonly Deletion[]): number {
  const goneMs = new Map(deletions.map(({ operation }) => [operation.secret, operation.okMs]))
  return verifications.filter(({ secret, invokedMs }) => invokedMs > (goneMs.get(secret) ?? Number.POSITIVE_INFINITY))
    .length
}

function deleteTimes(recorder: Recorder, deletions: readonly Deletion[]): Report['deleteTimes'] {
  const byCause = Map.groupBy(deletions, ({ operation: { invokedMs, okMs } }) => {
    const faults = recorder.faultsDuring(invokedMs, okMs)
    if (faults.length === 0) return 'healthy'
    return faults.some((name) => deadNode.has(name)) ? 'deadNode' : 'otherFault'
  })
  const times = (cause: 'healthy' | 'deadNode' | 'otherFault') => {
    const took = (byCause.get(cause) ?? []).map(({ operation }) => operation.okMs - operation.invokedMs)
    const sorted = took.toSorted((one, other) => one - other)
    const mostMs = sorted.at(-1)
    if (mostMs === undefined) return null
    return { count: sorted.length, p50Ms: percentile(sorted, 0.5), p99Ms: percentile(sorted, 0.99), mostMs }
  }
  return { healthy: times('healthy'), deadNode: times('deadNode'), otherFault: times('otherFault') }
}

function timesOf(times: Times | null): string {
  if (!times) return 'none'
  const { count, p50Ms, p99Ms, mostMs } = times
  return `p50 ${p50Ms.toFixed(0)} ms, p99 ${p99Ms.toFixed(0)} ms, most ${mostMs.toFixed(0)} ms (${figure(count)})`
}

function figure(value: number): string {
  return value.toLocaleString('en')
}
