import { describe, expect, it } from 'vitest'
import { engines, startInProcess } from '../../test/in-process.ts'
import { UsageFlusher } from './flush-usage.ts'
import type { UsageStore } from './ports.ts'
import { UsageCounters } from './usage-counters.ts'

const noon = Date.UTC(2026, 10, 21, 12)

/** A flusher beside the server's own, whose transactions a test lets fail before or after their commit. */
async function prepare(engine: (typeof engines)[number]) {
  const cutover = await startInProcess({ engine })
  const { store } = cutover.cutover
  const fails = { before: 0, after: 0 }
  const failing: UsageStore = {
    async transaction(work) {
      if (fails.before-- > 0) throw new Error('not begun')
      const result = await store.transaction(work)
      if (fails.after-- > 0) throw new Error('committed, but nobody heard of it')
      return result
    },
  }
  const counters = new UsageCounters()
  const clock = { nowMs: noon }
  const told: string[][] = []
  const flusher = new UsageFlusher({
    counters,
    store: failing,
    system: { nowMs: () => clock.nowMs },
    processId: 'proc_of_the_test',
    nodeId: () => 'node_of_the_test',
    hasCompany: true,
    onFlushed: (ids) => told.push([...ids]),
  })
  const hour = { spanMinutes: 60, fromMs: noon, untilMs: noon + 1 } as const
  const counted = async () => (await store.read.usage.buckets(['7'], hour)).map(({ count }) => count)
  return { cutover, store, fails, counters, clock, flusher, told, counted }
}

describe.each(engines)('a flush on %s', (engine) => {
  it('keeps what it could not write, tries it again, and reports nothing as counted until then', async () => {
    const { cutover, fails, counters, clock, flusher, told, counted } = await prepare(engine)
    await using _ = cutover
    counters.countUse('7', 'web', 'app', noon)
    clock.nowMs += 10
    fails.before = 1
    await expect(flusher.flush()).rejects.toThrow('not begun')
    expect([flusher.countedUntilMs, await counted(), told]).toEqual([noon, [], []])
    counters.countUse('7', 'web', 'app', noon + 11)
    clock.nowMs += 10
    await flusher.flush()
    expect([flusher.countedUntilMs, await counted(), told]).toEqual([noon + 20, [2], [['7'], ['7']]])
  })

  it('counts nothing twice when it did not hear that it had committed', async () => {
    const { cutover, fails, counters, flusher, counted, store } = await prepare(engine)
    await using _ = cutover
    counters.countUse('7', 'web', 'app', noon)
    counters.countUse('7', 'web', undefined, noon)
    fails.after = 1
    await expect(flusher.flush()).rejects.toThrow('nobody heard of it')
    expect(await counted()).toEqual([2])
    await flusher.flush()
    expect(await counted()).toEqual([2])
    expect(await store.read.usage.sources(['7'])).toEqual([
      { source: 'app', count: 1, lastSeenMs: noon },
      { source: null, count: 1, lastSeenMs: noon },
    ])
  })

  it('has written all that was counted before the call, even when another one was under way', async () => {
    const { cutover, counters, flusher, counted } = await prepare(engine)
    await using _ = cutover
    const running = flusher.flush()
    counters.countUse('7', 'web', 'app', noon)
    await flusher.flush()
    expect(await counted()).toEqual([1])
    await running
  })

  it('adds up what many processes write at once, of the same secrets, without a deadlock', async () => {
    const { cutover, store } = await prepare(engine)
    await using _ = cutover
    const ids = Array.from({ length: 40 }, (_, index) => `${index + 1}`)
    const flushers = Array.from({ length: 8 }, (_, process) => {
      const counters = new UsageCounters()
      const order = process % 2 === 0 ? ids : ids.toReversed()
      for (const id of order) for (const source of ['a', 'b', 'c']) counters.countUse(id, 'web', source, noon + process)
      const ports = { counters, store, system: { nowMs: () => noon + 10 }, hasCompany: true, onFlushed: () => {} }
      return new UsageFlusher({ ...ports, processId: `proc_${process}`, nodeId: () => `node_${process}` })
    })
    await Promise.all(flushers.map((each) => each.flush()))
    const day = { spanMinutes: 1440, fromMs: noon - 86_400_000, untilMs: noon } as const
    const counts = (await store.read.usage.buckets(ids, day)).map(({ count }) => count)
    expect(counts).toEqual(ids.map(() => 24))
    expect(await store.read.usage.sources(ids)).toEqual(
      ['c', 'b', 'a'].map((source) => ({ source, count: 320, lastSeenMs: noon + 7 })),
    )
    expect(await store.read.usage.lastUseMs(['1'])).toBe(noon + 7)
  })
})
