import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBase64url } from './base64url.ts'

describe('strict base64url', () => {
  it('reads back whatever bytes were encoded', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const decoded = decodeBase64url(Buffer.from(bytes).toString('base64url'))
        expect(decoded && Uint8Array.from(decoded)).toEqual(bytes)
      }),
    )
  })

  it('has one text for each sequence of bytes: whatever it reads is how these bytes are encoded', () => {
    const nearlyBase64url = fc.string({ unit: fc.constantFrom(...'ABQgwZz09-_+/=. \n\u0141\ud800') })
    fc.assert(
      fc.property(nearlyBase64url, (text) => {
        const decoded = decodeBase64url(text)
        const isStrict = /^[\w-]*$/.test(text) && text.length % 4 !== 1 && hasZeroSpareBits(text)
        expect(decoded !== undefined).toBe(isStrict)
        expect(decoded?.toString('base64url') ?? text).toBe(text)
      }),
      { numRuns: 2000 },
    )
  })

  it.each([
    ['padding', 'QQ=='],
    ['whitespace', 'QU JD'],
    ['a newline at the end', 'QUJD\n'],
    ['the alphabet of base64', '+/+/'],
    ['a single character', 'A'],
    ['spare bits in a last group of two', 'QR'],
    ['spare bits in a last group of three', 'QUJ'],
    ['a letter outside ASCII', 'QU\u0142D'],
  ])('refuses %s', (_, text) => {
    expect(decodeBase64url(text)).toBeUndefined()
  })

  it('reads the empty text as no bytes', () => {
    expect(decodeBase64url('')).toHaveLength(0)
  })
})

/** RFC 4648 §3.5, spelled out: the last of two characters carries 2 bits, the last of three carries 4. */
function hasZeroSpareBits(text: string): boolean {
  const last = text.at(-1) ?? 'A'
  if (text.length % 4 === 2) return 'AQgw'.includes(last)
  if (text.length % 4 === 3) return 'AEIMQUYcgkosw048'.includes(last)
  return true
}
