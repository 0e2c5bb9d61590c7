import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import vectors from '../test/vectors/hmac.json' with { type: 'json' }
import { hmacSha256, prepareHmacKey } from './hmac-pads.ts'

const hmacHex = (key: Uint8Array, message: string | Uint8Array) =>
  Buffer.from(hmacSha256(prepareHmacKey(key), message), 'latin1').toString('hex')
const nodeHmacHex = (key: Uint8Array, message: string | Uint8Array) =>
  createHmac('sha256', key).update(message).digest('hex')

const anyUnicode = fc.string({ unit: 'binary', maxLength: 1024, size: 'max' })

describe('HMAC-SHA256 over precomputed pads', () => {
  it.each(vectors.cases)('computes $name', ({ keyHex, messageHex, macHex }) => {
    const mac = hmacHex(Buffer.from(keyHex, 'hex'), Buffer.from(messageHex, 'hex'))
    expect(mac).toHaveLength(64)
    expect(mac.slice(0, macHex.length)).toBe(macHex)
  })

  it('agrees with node:crypto for any ASCII key of 1 to 200 characters and any Unicode message', () => {
    const asciiKey = fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 200, size: 'max' })
    fc.assert(
      fc.property(asciiKey, anyUnicode, (key, message) => {
        const keyBytes = Buffer.from(key)
        expect(hmacHex(keyBytes, message)).toBe(nodeHmacHex(keyBytes, message))
      }),
      { numRuns: 500 },
    )
  })

  it('agrees with node:crypto for any key bytes and any Unicode message', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200, size: 'max' }), anyUnicode, (key, message) => {
        expect(hmacHex(key, message)).toBe(nodeHmacHex(key, message))
      }),
      { numRuns: 500 },
    )
  })

  it('agrees with node:crypto for any key bytes and any message bytes', () => {
    const bytes = fc.uint8Array({ maxLength: 4096, size: 'max' })
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200, size: 'max' }), bytes, (key, message) => {
        expect(hmacHex(key, message)).toBe(nodeHmacHex(key, message))
      }),
    )
  })

  it.each([
    ['an ASCII key', Buffer.from('9Zw0xNs3vKk0fPz9rwKqNbzH3mPVQmQxL9vhSm9Tk4A')],
    ['a key longer than a block', Buffer.alloc(128, 'k')],
  ])('agrees with node:crypto at every message length from 0 to 4096 bytes, under %s', (_, key) => {
    const prepared = prepareHmacKey(key)
    for (let length = 0; length <= 4096; length++) {
      const message = 'x'.repeat(length)
      expect(Buffer.from(hmacSha256(prepared, message), 'latin1').toString('hex')).toBe(nodeHmacHex(key, message))
    }
  })

  it('agrees with node:crypto at every ASCII key length from 1 to 200', () => {
    for (let length = 1; length <= 200; length++) {
      const key = Buffer.alloc(length, 'key material ')
      expect(hmacHex(key, 'user_1')).toBe(nodeHmacHex(key, 'user_1'))
    }
  })

  it('does not mix up keys that are used in turn', () => {
    const first = prepareHmacKey(Buffer.from('first'))
    const second = prepareHmacKey(Buffer.from('second'))
    const before = hmacSha256(first, 'user_1')
    expect(hmacSha256(second, 'user_1')).not.toBe(before)
    expect(hmacSha256(first, 'user_1')).toBe(before)
  })
})
