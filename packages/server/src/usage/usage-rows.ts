import type { CountRow, OutcomeRow, PauseRow, SourceRow, SpanMinutes, UseRow } from './ports.ts'
import type { CountedMinute, SecretUses } from './usage-counters.ts'

export const dayMs = 86_400_000
const minuteMs = 60_000

/** Shorter ones say nothing: no verdict asks for less than an hour of quiet by itself. */
const pauseOfNoteMs = minuteMs

const spans: readonly SpanMinutes[] = [1, 60, 1440]

/** When a secret was used, minute by minute. */
interface Stretch {
  readonly firstMs: number
  readonly lastMs: number
}

/** A batch as it is added to the store: every list in the one order in which all processes lock their rows. */
export interface UsageRows {
  readonly uses: readonly (UseRow & { readonly stretches: readonly Stretch[] })[]
  readonly counts: readonly CountRow[]
  readonly sources: readonly SourceRow[]
  readonly outcomes: readonly OutcomeRow[]
}

export function usageRows(minutes: readonly CountedMinute[]): UsageRows {
  const uses = new Map<number, Stretch[]>()
  const counts = new Sums<CountRow>()
  const sources = new Sums<SourceRow>()
  const outcomes = new Sums<OutcomeRow>()
  for (const minute of minutes) {
    for (const [id, ofSecret] of minute.uses) {
      const secretId = Number(id)
      const stretches = uses.get(secretId) ?? []
      uses.set(secretId, [...stretches, { firstMs: ofSecret.firstMs, lastMs: ofSecret.lastMs }])
      addCounts(counts, secretId, minute.startMs, ofSecret)
      for (const { source, count, lastSeenMs } of ofSecret.sources.all()) {
        sources.add([secretId, source], { secretId, source, count, lastSeenMs })
      }
    }
    addOutcomes(outcomes, minute)
  }
  const ids = [...uses.keys()].sort((a, b) => a - b)
  return {
    uses: ids.map((secretId) => useOf(secretId, uses.get(secretId) ?? [])),
    counts: counts.sorted(),
    sources: sources.sorted(),
    outcomes: outcomes.sorted(),
  }
}

/** The pauses of note between these uses, and between the last one before and the first, by the day they ended in. */
export function pausesOf(
  secretId: number,
  lastBeforeMs: number | undefined,
  stretches: readonly Stretch[],
): PauseRow[] {
  const longest = new Map<number, number>()
  let lastMs = lastBeforeMs
  for (const stretch of stretches) {
    const pauseMs = lastMs === undefined ? 0 : stretch.firstMs - lastMs
    const day = startOf(stretch.firstMs, dayMs)
    if (pauseMs > pauseOfNoteMs) longest.set(day, Math.max(longest.get(day) ?? 0, pauseMs))
    lastMs = Math.max(lastMs ?? stretch.lastMs, stretch.lastMs)
  }
  return [...longest].map(([day, longestMs]) => ({ secretId, dayMs: day, longestMs }))
}

function startOf(ms: number, lengthMs: number): number {
  return ms - (ms % lengthMs)
}

function useOf(secretId: number, stretches: readonly Stretch[]) {
  const firstMs = Math.min(...stretches.map((each) => each.firstMs))
  const lastMs = Math.max(...stretches.map((each) => each.lastMs))
  return { secretId, firstMs, lastMs, stretches }
}

function addCounts(counts: Sums<CountRow>, secretId: number, minuteStartMs: number, uses: SecretUses): void {
  for (const { platform, count } of uses.counts()) {
    for (const spanMinutes of spans) {
      const startMs = startOf(minuteStartMs, spanMinutes * minuteMs)
      counts.add([secretId, spanMinutes, startMs, platform], { secretId, spanMinutes, startMs, platform, count })
    }
  }
}

function addOutcomes(outcomes: Sums<OutcomeRow>, minute: CountedMinute): void {
  const hourMs = startOf(minute.startMs, 60 * minuteMs)
  for (const [workspaceId, ofWorkspace] of minute.outcomes) {
    for (const { platform, outcome, count } of ofWorkspace.counts()) {
      outcomes.add([workspaceId, hourMs, platform, outcome], { workspaceId, hourMs, platform, outcome, count })
    }
  }
}

interface Countable {
  readonly count: number
  readonly lastSeenMs?: number
}

type Key = readonly (string | number)[]

/** Rows that are one row in the store, added up. */
class Sums<Row extends Countable> {
  readonly #rows = new Map<string, { readonly key: Key; row: Row }>()

  add(key: Key, row: Row): void {
    const name = key.join('\0')
    const known = this.#rows.get(name)
    if (known) known.row = merged(known.row, row)
    else this.#rows.set(name, { key, row })
  }

  sorted(): Row[] {
    return [...this.#rows.values()].sort((a, b) => compare(a.key, b.key)).map(({ row }) => row)
  }
}

function merged<Row extends Countable>(a: Row, b: Row): Row {
  const count = a.count + b.count
  if (a.lastSeenMs === undefined || b.lastSeenMs === undefined) return { ...a, count }
  return { ...a, count, lastSeenMs: Math.max(a.lastSeenMs, b.lastSeenMs) }
}

/** The same on every machine, whatever its language: not how a database compares. */
function compare(a: Key, b: Key): number {
  for (const [index, value] of a.entries()) {
    const other = b[index] ?? value
    if (value !== other) return value < other ? -1 : 1
  }
  return 0
}
