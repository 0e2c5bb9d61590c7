import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hasTokenChecksum, tokenChecksum } from './token-checksum.ts'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const base62 = (length: number) =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength: length, maxLength: length })
const token = fc.oneof(
  base62(32).map((digits) => `cut_${digits}${tokenChecksum(digits)}`),
  base62(43).map((digits) => `ints_${digits}${tokenChecksum(digits)}`),
)

describe('the checksum of a token', () => {
  it('is CRC-32 as zlib has it, in base62', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii', maxLength: 100 }), (text) => {
        const value = [...tokenChecksum(text)].reduce((sum, digit) => sum * 62 + alphabet.indexOf(digit), 0)
        expect(value).toBe(crc32(text))
        expect(tokenChecksum(text)).toHaveLength(6)
      }),
    )
  })

  it('is the published check value of CRC-32 for 123456789', () => {
    // 0xcbf43926, https://reveng.sourceforge.io/crc-catalogue/17plus.htm#crc.cat.crc-32-iso-hdlc
    expect(tokenChecksum('123456789')).toBe('3jZRME')
  })

  it('is of zeros where the CRC is small, so that its length is always the same', () => {
    expect(tokenChecksum('')).toBe('000000')
  })

  it('passes every token that has it, and none of which one digit was changed', () => {
    fc.assert(
      fc.property(token, fc.nat(), fc.constantFrom(...alphabet), (whole, place, digit) => {
        expect(hasTokenChecksum(whole)).toBe(true)
        const start = whole.indexOf('_') + 1
        const at = start + (place % (whole.length - start))
        const changed = whole.slice(0, at) + digit + whole.slice(at + 1)
        expect(hasTokenChecksum(changed)).toBe(changed === whole)
      }),
    )
  })

  it('passes nothing of another shape', () => {
    const digits = '0'.repeat(32)
    const whole = `cut_${digits}${tokenChecksum(digits)}`
    expect(hasTokenChecksum(whole)).toBe(true)
    for (const other of [
      whole.slice(4),
      `ints_${whole.slice(4)}`,
      ` ${whole}`,
      `${whole}\n`,
      whole.toUpperCase(),
      '',
    ]) {
      expect(hasTokenChecksum(other)).toBe(false)
    }
  })
})
