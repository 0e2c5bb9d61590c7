import { describe, expect, it } from 'vitest'
import { duration, fromNow, longDuration } from './durations.ts'

describe('duration', () => {
  it.each([
    [0, '0 s'],
    [59.6, '1 min'],
    [61, '1 min 1 s'],
    [3600, '1 h'],
    [3661, '1 h 1 min'],
    [90_000, '1 d 1 h'],
    [-5, '0 s'],
  ])('%d s is %s', (seconds, words) => {
    expect(duration(seconds)).toBe(words)
  })
})

describe('longDuration', () => {
  it('takes the largest unit of which it is a whole number', () => {
    expect([60, 90, 86_400, 2_592_000].map(longDuration)).toEqual(['1 minute', '90 seconds', '1 day', '30 days'])
  })
})

describe('fromNow', () => {
  it('tells what was from what is to come', () => {
    expect(fromNow(0, 3_599_000)).toBe('59 min ago')
    expect(fromNow(3_600_000, 0)).toBe('in 1 h')
    expect(fromNow(1000, 0)).toBe('now')
  })
})
