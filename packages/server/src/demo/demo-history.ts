import { platformNames, type VerificationReason } from '@cutover/contract'
import type { CountRow, OutcomeRow, SourceRow, SpanMinutes, UsageStore } from '../usage/ports.ts'
import { demoSources, shareOf } from './demo-sources.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** Verifications a minute, about as many as the simulated clients then make. */
const perMinute = 200

const failures: readonly (readonly [VerificationReason, number])[] = [
  ['unsigned', 0.03],
  ['mismatch', 0.02],
  ['jwt_expired', 0.012],
  ['user_missing', 0.004],
  ['jwt_malformed', 0.002],
]

export interface HistoryOf {
  readonly workspaceId: string
  readonly secretId: number
  readonly nowMs: number
  /** Of all traffic, 0 to 1. */
  readonly share: number
  /** What failed meanwhile, too: once, however many secrets have a history. */
  readonly withOutcomes: boolean
}

/** A day of uses that never were, so that the charts of a demo are not empty. */
export async function writeHistory(store: UsageStore, of: HistoryOf): Promise<void> {
  const minutes = Array.from({ length: dayMs / minuteMs }, (_, index) => {
    const startMs = Math.floor((of.nowMs - dayMs) / minuteMs) * minuteMs + index * minuteMs
    return { startMs, uses: Math.round(perMinute * of.share * tide(startMs)) }
  }).filter(({ startMs, uses }) => uses > 0 && startMs < of.nowMs - minuteMs)
  const total = minutes.reduce((sum, { uses }) => sum + uses, 0)
  const lastMs = (minutes.at(-1)?.startMs ?? of.nowMs) + minuteMs - 1
  await store.transaction(async ({ usage }) => {
    await usage.addUses([{ secretId: of.secretId, firstMs: of.nowMs - dayMs, lastMs }])
    await usage.addCounts(countRows(of, minutes))
    await usage.addSources(sourceRows(of, total, lastMs))
    if (of.withOutcomes) await usage.addOutcomes(outcomeRows(of, minutes))
  })
}

interface Minute {
  readonly startMs: number
  readonly uses: number
}

/** More by day than by night, and never twice the same. */
function tide(atMs: number): number {
  const hour = (atMs % dayMs) / hourMs
  return 0.75 + 0.3 * Math.sin(((hour - 9) / 24) * 2 * Math.PI) + 0.1 * Math.random()
}

const shareOfPlatform = new Map(
  platformNames.map((platform) => [
    platform,
    demoSources.filter((source) => source.platform === platform).reduce((sum, source) => sum + shareOf(source), 0),
  ]),
)

function countRows({ secretId }: HistoryOf, minutes: readonly Minute[]): CountRow[] {
  const rows = new Map<string, CountRow>()
  for (const { startMs, uses } of minutes) {
    for (const [platform, share] of shareOfPlatform) {
      for (const spanMinutes of [1, 60, 1440] as const satisfies readonly SpanMinutes[]) {
        const start = startMs - (startMs % (spanMinutes * minuteMs))
        const key = `${spanMinutes} ${start} ${platform}`
        const count = (rows.get(key)?.count ?? 0) + Math.round(uses * share)
        rows.set(key, { secretId, spanMinutes, startMs: start, platform, count })
      }
    }
  }
  return [...rows.values()].filter(({ count }) => count > 0)
}

function sourceRows({ secretId }: HistoryOf, total: number, lastMs: number): SourceRow[] {
  return demoSources.map((source) => ({
    ...{ secretId, source: source.name, count: Math.max(1, Math.round(total * shareOf(source))) },
    lastSeenMs: lastMs - Math.floor(Math.random() * 10_000),
  }))
}

function outcomeRows({ workspaceId }: HistoryOf, minutes: readonly Minute[]): OutcomeRow[] {
  const byHour = Map.groupBy(minutes, ({ startMs }) => startMs - (startMs % hourMs))
  return [...byHour].flatMap(([hourStartMs, ofHour]) => {
    const uses = ofHour.reduce((sum, each) => sum + each.uses, 0)
    return [...shareOfPlatform].flatMap(([platform, share]) =>
      [['verified', 1] as const, ...failures].map(([outcome, part]) => ({
        ...{ workspaceId, hourMs: hourStartMs, platform, outcome },
        count: Math.max(1, Math.round(uses * share * part)),
      })),
    )
  })
}
