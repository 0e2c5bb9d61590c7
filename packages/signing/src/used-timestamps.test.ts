import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UsedTimestamps } from './used-timestamps.ts'

const nowMs = 1_800_000_000_000

describe('the timestamps of a content', () => {
  it('begin with the present one, and go on with the next milliseconds while the clock stands still', () => {
    const used = new UsedTimestamps()
    expect(Array.from({ length: 4 }, () => used.next('a', nowMs))).toEqual([nowMs, nowMs + 1, nowMs + 2, nowMs + 3])
  })

  it('are present again as soon as the clock has passed them', () => {
    const used = new UsedTimestamps()
    for (let times = 0; times < 5; times++) used.next('a', nowMs)
    expect(used.next('a', nowMs + 4)).toBe(nowMs + 5)
    expect(used.next('a', nowMs + 6)).toBe(nowMs + 6)
  })

  it('are not put off by those of another content', () => {
    const used = new UsedTimestamps()
    used.next('a', nowMs)
    expect(used.next('b', nowMs)).toBe(nowMs)
  })

  it('go on where they were after the clock was set back by a minute less a millisecond', () => {
    const used = new UsedTimestamps()
    used.next('a', nowMs)
    expect(used.next('a', nowMs - 59_999)).toBe(nowMs + 1)
  })

  it.each([60_000, 60_001, 3_600_000])('are present ones after the clock was set back by %d ms', (backMs) => {
    const used = new UsedTimestamps()
    used.next('a', nowMs)
    const times = [used.next('a', nowMs - backMs), used.next('a', nowMs - backMs)]
    expect(times).toEqual([nowMs - backMs, nowMs - backMs + 1])
  })

  it('are 60,001 different ones in one millisecond, and never more than a minute ahead', () => {
    const used = new UsedTimestamps()
    const times = Array.from({ length: 60_001 }, () => used.next('a', nowMs))
    expect(new Set(times).size).toBe(60_001)
    expect(Math.max(...times)).toBe(nowMs + 60_000)
    expect(used.next('a', nowMs)).toBe(nowMs)
  })

  it('do not come again when a content was forgotten for others', () => {
    const used = new UsedTimestamps(2)
    for (const content of ['a', 'a', 'a', 'b', 'c']) used.next(content, nowMs)
    expect(used.next('a', nowMs)).toBe(nowMs + 3)
  })

  it('of a forgotten content are later than those of every other one that was forgotten', () => {
    const used = new UsedTimestamps(1)
    for (const content of ['a', 'b', 'b', 'b', 'c']) used.next(content, nowMs)
    expect(used.next('a', nowMs)).toBe(nowMs + 3)
  })

  it('are remembered longest of the content that was signed last', () => {
    const used = new UsedTimestamps(2)
    for (const content of ['a', 'b', 'a', 'c']) used.next(content, nowMs)
    // Had `a` been forgotten for `c`, it would be one later.
    expect(used.next('d', nowMs)).toBe(nowMs + 1)
  })

  it('do not come again once the clock was set back by an hour, when a content was forgotten since', () => {
    const used = new UsedTimestamps(1)
    const hourAgoMs = nowMs - 3_600_000
    for (const content of ['a', 'b', 'c']) used.next(content, nowMs)
    const made = ['a', 'b', 'a', 'b', 'a'].map((content) => `${content} ${used.next(content, hourAgoMs)}`)
    expect(new Set(made).size).toBe(5)
  })

  it('are present ones after the clock was set back by an hour, also of what was forgotten', () => {
    const used = new UsedTimestamps(1)
    for (const content of ['a', 'b', 'c', 'a']) used.next(content, nowMs)
    const hourAgoMs = nowMs - 3_600_000
    const times = ['a', 'b', 'c', 'd', 'd'].map((content) => used.next(content, hourAgoMs))
    for (const time of times) expect(time - hourAgoMs).toBeLessThan(10)
  })

  it('are never used twice while the clock stays within the minute, however it jumps and whatever is forgotten', () => {
    const steps = fc.array(
      fc.record({ content: fc.constantFrom('a', 'b', 'c', 'd', 'e'), atMs: fc.integer({ min: 0, max: 20 }) }),
      { maxLength: 200, size: 'max' },
    )
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 5 }), (signed, maxContents) => {
        const used = new UsedTimestamps(maxContents)
        const made = signed.map(({ content, atMs }) => {
          const timestampMs = used.next(content, nowMs + atMs)
          expect(timestampMs).toBeGreaterThanOrEqual(nowMs + atMs)
          return `${content} ${timestampMs}`
        })
        expect(new Set(made).size).toBe(made.length)
      }),
    )
  })

  it('are never before the clock, nor more than a minute ahead of it, wherever it jumps to', () => {
    const step = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: -200_000, max: 200_000 }))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100, size: 'max' }), (signed) => {
        const used = new UsedTimestamps(2)
        for (const [content, atMs] of signed) {
          const aheadMs = used.next(content, nowMs + atMs) - (nowMs + atMs)
          expect(aheadMs).toBeGreaterThanOrEqual(0)
          expect(aheadMs).toBeLessThanOrEqual(60_000)
        }
      }),
    )
  })
})
