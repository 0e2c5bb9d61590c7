import { describe, expect, it } from 'vitest'
import { rate, share } from './words.ts'

describe('share', () => {
  it.each([
    [null, '–'],
    [0, '0%'],
    [0.0004, '<0.1%'],
    [0.0316, '3.2%'],
    [0.9996, '>99.9%'],
    [1, '100%'],
  ])('%d is %s: a few are not none, and nearly all are not all', (value, words) => {
    expect(share(value)).toBe(words)
  })
})

describe('rate', () => {
  it('does not round what there is to nothing', () => {
    expect([0, 0.01, 0.26, 1234.5].map(rate)).toEqual(['0', '<0.1', '0.3', '1,234.5'])
  })
})
