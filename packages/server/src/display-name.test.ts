import { describe, expect, it } from 'vitest'
import { parseDisplayName } from './display-name.ts'

describe('a name', () => {
  it.each([
    ['a', 'a'],
    [' \t a b \u00a0\n', 'a b'],
    ['x'.repeat(255), 'x'.repeat(255)],
    [` ${'𝄞'.repeat(255)} `, '𝄞'.repeat(255)],
    ['‏עברית', '‏עברית'],
    ['👩‍👩‍👧', '👩‍👩‍👧'],
    ['__proto__', '__proto__'],
  ])('%j is kept as %j', (text, name) => {
    expect(parseDisplayName(text)).toEqual({ name })
  })

  it.each([
    ['', 'missing'],
    [' \r\n\t', 'missing'],
    ['x'.repeat(256), 'invalid'],
    ['𝄞'.repeat(256), 'invalid'],
    ['a\u0000', 'invalid'],
    ['a\u001b[31m', 'invalid'],
    ['a\u007fb', 'invalid'],
    ['a\u0085b', 'invalid'],
    ['a\u2028b', 'invalid'],
    ['a\u202eb', 'invalid'],
    ['a\u2066b', 'invalid'],
    ['\ud800', 'invalid'],
  ])('%j is %s', (text, fault) => {
    expect(parseDisplayName(text)).toEqual({ fault })
  })
})
