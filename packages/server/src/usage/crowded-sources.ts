import type { SourceRow } from './ports.ts'

/** Of each secret, the sources to let go of: half of the places are for the heaviest, the rest for the latest. */
export function heaviestOrLatest(rows: readonly SourceRow[], kept: number): Map<number, readonly string[]> {
  const named = rows.filter(({ source }) => source !== '')
  const surplus = new Map<number, readonly string[]>()
  for (const [secretId, ofSecret] of Map.groupBy(named, (row) => row.secretId)) {
    const heaviest = [...ofSecret].sort((a, b) => b.count - a.count).slice(0, kept / 2)
    const rest = ofSecret.filter((row) => !heaviest.includes(row)).sort((a, b) => b.lastSeenMs - a.lastSeenMs)
    const gone = rest.slice(kept - heaviest.length).map(({ source }) => source)
    if (gone.length > 0) surplus.set(secretId, gone.sort())
  }
  return surplus
}
