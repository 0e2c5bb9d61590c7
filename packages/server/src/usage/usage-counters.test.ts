import { describe, expect, it } from 'vitest'
import { BoundedSources, sourcesKept } from './bounded-sources.ts'
import { heaviestOrLatest } from './crowded-sources.ts'
import { UsageCounters } from './usage-counters.ts'
import { pausesOf, usageRows } from './usage-rows.ts'

const noon = Date.UTC(2026, 10, 21, 12)
const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

describe('the counters', () => {
  it('are added up by minute, hour and day, in the one order in which rows are locked', () => {
    const counters = new UsageCounters()
    counters.countUse('10', 'web', undefined, noon)
    counters.countUse('9', 'web', undefined, noon + 1)
    counters.countUse('10', 'web', undefined, noon + minute)
    counters.countOutcome('ws_b', 'ios', 'mismatch', noon)
    counters.countOutcome('ws_a', 'ios', 'verified', noon)
    const { minutes, countedUntilMs } = counters.take(noon + minute + 1)
    expect(countedUntilMs).toBe(noon + minute + 1)
    const { uses, counts, outcomes } = usageRows(minutes)
    expect(uses.map(({ secretId, firstMs, lastMs }) => [secretId, firstMs, lastMs])).toEqual([
      [9, noon + 1, noon + 1],
      [10, noon, noon + minute],
    ])
    expect(counts.map((row) => [row.secretId, row.spanMinutes, row.startMs, row.count])).toEqual([
      [9, 1, noon, 1],
      [9, 60, noon, 1],
      [9, 1440, noon - 12 * hour, 1],
      [10, 1, noon, 1],
      [10, 1, noon + minute, 1],
      [10, 60, noon, 2],
      [10, 1440, noon - 12 * hour, 2],
    ])
    expect(outcomes.map((row) => row.workspaceId)).toEqual(['ws_a', 'ws_b'])
    expect(usageRows(counters.take(noon + hour).minutes)).toEqual({ uses: [], counts: [], sources: [], outcomes: [] })
  })

  it('never place a use before what was reported as counted, even when the clock goes back a little', () => {
    const counters = new UsageCounters()
    counters.take(noon)
    counters.countUse('1', 'web', 'app', noon - 3)
    expect(usageRows(counters.take(noon - 2).minutes).uses[0]).toMatchObject({ firstMs: noon, lastMs: noon })
  })

  it('hold no more minutes than they may while nothing can be written, and lose no count', () => {
    const counters = new UsageCounters()
    for (let passed = 0; passed < 1000; passed += 1) counters.countUse('1', 'web', undefined, noon + passed * minute)
    const { minutes } = counters.take(noon + day)
    expect(minutes.length).toBe(15)
    const { uses, counts } = usageRows(minutes)
    expect(uses[0]?.lastMs).toBe(noon + 999 * minute)
    expect(counts.filter(({ spanMinutes }) => spanMinutes === 1440).map(({ count }) => count)).toEqual([1000])
  })

  it('stay small under a million sources that somebody made up, and keep the one that comes again and again', () => {
    const counters = new UsageCounters()
    for (let call = 0; call < 1_000_000; call += 1) {
      counters.countUse('1', 'web', call % 20 === 0 ? 'the real app' : `made up ${call}`, noon)
    }
    const { sources } = usageRows(counters.take(noon + 1).minutes)
    expect(sources.length).toBe(sourcesKept + 1)
    expect(sources.reduce((sum, { count }) => sum + count, 0)).toBe(1_000_000)
    expect(sources.find(({ source }) => source === 'the real app')?.count).toBe(50_000)
  })

  it('stay small under a million sources of many secrets', () => {
    const counters = new UsageCounters()
    for (let call = 0; call < 1_000_000; call += 1)
      counters.countUse(`${call % 20_000}`, 'web', `made up ${call}`, noon)
    const { sources } = usageRows(counters.take(noon + 1).minutes)
    expect(sources.filter(({ source }) => source !== '').length).toBe(100_000)
    expect(sources.reduce((sum, { count }) => sum + count, 0)).toBe(1_000_000)
  })
})

describe('the sources of one secret', () => {
  it('are told apart while they have room', () => {
    const sources = new BoundedSources({ left: 2 })
    for (const source of ['a', 'b', 'a', undefined, '', 'nul\0']) sources.count(source, noon)
    expect([...sources.all()].map(({ source, count }) => [source, count])).toEqual([
      ['a', 2],
      ['b', 1],
      ['', 3],
    ])
  })

  it('are thinned out in the store: half of those kept are the heaviest, the others the latest', () => {
    const rows = Array.from({ length: 8 }, (_, index) => ({
      ...{ secretId: 1, source: `s${index}`, count: 100 - index, lastSeenMs: index },
    }))
    expect(heaviestOrLatest([...rows, { secretId: 1, source: '', count: 1, lastSeenMs: 0 }], 4)).toEqual(
      new Map([[1, ['s2', 's3', 's4', 's5']]]),
    )
  })
})

describe('pauses', () => {
  const at = (ms: number) => ({ firstMs: ms, lastMs: ms })

  it('count for the day in which they end, the longest of each', () => {
    expect(pausesOf(1, noon - day, [at(noon - 2 * hour), at(noon), at(noon + 3 * hour), at(noon + day)])).toEqual([
      { secretId: 1, dayMs: noon - 12 * hour, longestMs: 22 * hour },
      { secretId: 1, dayMs: noon + 12 * hour, longestMs: 21 * hour },
    ])
  })

  it('are of note when they are longer than a minute, and none comes before the first use of all', () => {
    expect(pausesOf(1, undefined, [at(noon)])).toEqual([])
    expect(pausesOf(1, noon, [at(noon + minute)])).toEqual([])
    expect(pausesOf(1, noon, [at(noon + minute + 1)])).toHaveLength(1)
    expect(pausesOf(1, noon + hour, [at(noon)])).toEqual([])
  })
})
