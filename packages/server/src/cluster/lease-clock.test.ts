import { describe, expect, it } from 'vitest'
import { LeaseClock } from './lease-clock.ts'

function machine() {
  const time = { monotonicMs: 5000, wallMs: 0.25 }
  const clocks = { monotonicMs: () => time.monotonicMs, wallMs: () => 1_790_000_000_000 + Math.floor(time.wallMs) }
  const clock = new LeaseClock(clocks)
  const pass = (monotonicMs: number, wallMs = monotonicMs) => {
    time.monotonicMs += monotonicMs
    time.wallMs += wallMs
  }
  /** How far it goes in one step of both clocks. */
  const elapsed = (monotonicMs: number, wallMs: number) => {
    const before = clock.nowMs()
    pass(monotonicMs, wallMs)
    return clock.nowMs() - before
  }
  return { clock, pass, elapsed }
}

describe('the lease clock', () => {
  it.each([
    ['both went on', 100, 100, 100],
    ['the machine slept and its monotonic clock stood still', 20, 60_020, 60_020],
    ['the wall clock was set back by ten minutes', 100, -599_900, 100],
    ['the wall clock was set forward by ten minutes', 100, 600_100, 600_100],
    ['the wall clock is slewed back', 100, 90, 100],
  ])('counts the larger of the two clocks when %s', (_what, monotonicMs, wallMs, counted) => {
    expect(machine().elapsed(monotonicMs, wallMs)).toBe(counted)
  })

  it('counts sample by sample: what was lost on one clock is not set off against what was gained later', () => {
    const { elapsed } = machine()
    expect(elapsed(100, -600_000)).toBe(100)
    expect(elapsed(100, 30_000)).toBe(30_000)
    expect(elapsed(0, 600_000)).toBe(600_000)
    expect(elapsed(100, 100)).toBe(100)
  })

  it('never goes back', () => {
    const { elapsed } = machine()
    expect(elapsed(0, 500)).toBe(500)
    expect(elapsed(0, -500)).toBe(0)
    expect(elapsed(0, -10)).toBe(0)
  })

  it('runs as fast as its clocks, however often it is read', () => {
    const { clock, pass } = machine()
    const before = clock.nowMs()
    for (let read = 0; read < 100_000; read += 1) {
      pass(0.1)
      clock.nowMs()
    }
    expect(clock.nowMs() - before).toBeCloseTo(10_000, 3)
  })

  it('misses at most 2 ms of what a wall clock gains bit by bit', () => {
    const { clock, pass } = machine()
    const before = clock.nowMs()
    for (let read = 0; read < 10_000; read += 1) {
      pass(1, 1.1)
      clock.nowMs()
    }
    const counted = clock.nowMs() - before
    expect(counted).toBeGreaterThanOrEqual(10_998)
    expect(counted).toBeLessThanOrEqual(11_001)
  })
})
