import { describe, expect, it } from 'vitest'
import { percent } from './cutover.ts'
import { prose } from './prose.ts'
import { exactly, shortRelative, shortSpan, span } from './times.ts'

const nowMs = Date.parse('2026-11-21T12:00:00.000Z')

describe('times', () => {
  it.each([
    [0, '0s', '0 seconds'],
    [1, '1s', '1 second'],
    [59.9, '59s', '59 seconds'],
    [60, '1m', '1 minute'],
    [3599, '59m', '59 minutes'],
    [3600, '1h', '1 hour'],
    [86_400, '1d', '1 day'],
    [40_000_000, '462d', '462 days'],
  ])('%d s are %s, %s', (seconds, short, long) => {
    expect([shortSpan(seconds), span(seconds)]).toEqual([short, long])
  })

  it('are told from now, both ways', () => {
    expect(shortRelative('2026-11-21T09:00:00.000Z', nowMs)).toBe('3h ago')
    expect(shortRelative('2026-11-21T12:00:30.000Z', nowMs)).toBe('in 30s')
    expect(shortRelative('2026-11-21T11:59:59.500Z', nowMs)).toBe('now')
    expect(exactly('2026-11-20T11:59:59.999Z', nowMs)).toBe('2026-11-20 11:59:59 UTC (1 day ago)')
  })
})

describe('shares', () => {
  it.each([
    [0, '0%'],
    [0.0004, '<0.1%'],
    [0.004, '0.4%'],
    [0.04, '4%'],
    [0.456, '46%'],
    [0.9996, '>99.9%'],
    [0.997, '99.7%'],
    [1, '100%'],
  ])('%d is %s: never nothing of something, nor all of what is not all', (share, text) => {
    expect(percent(share)).toBe(text)
  })
})

describe('prose', () => {
  it('is wrapped between words on a terminal, and nowhere else', () => {
    const text = 'one two three\nfour'
    expect(prose({ isTTY: true, columns: 8 }, text)).toBe('one two\nthree\nfour')
    expect(prose({ columns: 8 }, text)).toBe(text)
  })

  it('keeps a word whole that is longer than a line, and the spaces of a table that fits', () => {
    expect(prose({ isTTY: true, columns: 4 }, 'a secret')).toBe('a\nsecret')
    expect(prose({ isTTY: true, columns: 8 }, 'ID   x')).toBe('ID   x')
  })
})
