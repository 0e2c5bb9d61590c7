import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { FixedWindows } from './fixed-windows.ts'
import { limitOfWindow } from './rate-limits.ts'

/** A moment at which a window begins. */
const beginMs = 1_800_000_000_000

function startWindows(limit: number) {
  const clock = { nowMs: beginMs }
  const windows = new FixedWindows(limit, { nowMs: () => clock.nowMs, randomBytes })
  return { clock, windows }
}

describe('a fixed window', () => {
  it('takes its limit and no request more, and says how many are left and when it ends', () => {
    const { windows } = startWindows(2)
    const standing = { limit: 2, resetsAtSeconds: 1_800_000_010, retryAfterSeconds: 10 }
    expect(windows.count('a')).toEqual({ ...standing, remaining: 1, isOver: false })
    expect(windows.count('a')).toEqual({ ...standing, remaining: 0, isOver: false })
    expect(windows.count('a')).toEqual({ ...standing, remaining: 0, isOver: true })
    expect(windows.count('b')).toEqual({ ...standing, remaining: 1, isOver: false })
  })

  it('ends at its last millisecond, one second before which a client is told to wait for one second', () => {
    const { clock, windows } = startWindows(1)
    windows.count('a')
    clock.nowMs = beginMs + 9_000
    expect(windows.count('a')).toMatchObject({ isOver: true, retryAfterSeconds: 1 })
    clock.nowMs = beginMs + 9_999
    expect(windows.count('a')).toMatchObject({ isOver: true, retryAfterSeconds: 1, resetsAtSeconds: 1_800_000_010 })
    clock.nowMs = beginMs + 10_000
    expect(windows.count('a')).toMatchObject({ isOver: false, retryAfterSeconds: 10, resetsAtSeconds: 1_800_000_020 })
  })

  it('foresees what the next request would meet, and does not count it', () => {
    const { windows } = startWindows(1)
    expect(windows.foresee('a')).toMatchObject({ isOver: false, remaining: 1 })
    expect(windows.foresee('a')).toMatchObject({ isOver: false, remaining: 1 })
    windows.count('a')
    expect(windows.foresee('a')).toMatchObject({ isOver: true, remaining: 0 })
    expect(windows.size).toBe(1)
  })

  it('remembers 10,000 keys however many there are, and of them those that are counted again and again', () => {
    const { clock, windows } = startWindows(3)
    for (let index = 0; index < 50_000; index += 1) {
      if (index % 5_000 === 0) windows.count('flooding')
      windows.count(`passing by ${index}`)
    }
    expect(windows.size).toBe(10_000)
    expect(windows.count('flooding').isOver).toBe(true)
    expect(windows.count('passing by 0').remaining).toBe(2)
    clock.nowMs += 10_000
    windows.count('a')
    expect(windows.size).toBe(1)
  })
})

describe('the limit of a window', () => {
  it.each([
    [1, 1],
    [6, 1],
    [7, 2],
    [600, 100],
    [1000, 167],
    [1_000_000, 166_667],
  ])('of %i a minute is %i: a sixth, rounded up', (perMinute, limit) => {
    expect(limitOfWindow(perMinute)).toBe(limit)
  })
})
