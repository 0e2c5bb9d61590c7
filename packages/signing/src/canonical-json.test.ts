import canonicalize from 'canonicalize'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CanonicalValue, canonicalJson } from './canonical-json.ts'

describe('canonical JSON', () => {
  it('is what RFC 8785 says, for everything an entry can hold', () => {
    const value = fc.letrec<{ value: CanonicalValue }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.string({ unit: 'binary' }),
        fc.maxSafeInteger(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value')),
        fc.dictionary(fc.string({ unit: 'binary' }), tie('value')),
      ),
    })).value
    fc.assert(fc.property(value, (each) => canonicalJson(each) === canonicalize(each)))
  })

  it.each([[1.5], [Number.NaN], [2 ** 53], ['\ud800'], [{ '\udc00': 1 }], [{ a: undefined }]])(
    'refuses %j, which other languages would write differently',
    (value) => {
      expect(() => canonicalJson(value as CanonicalValue)).toThrow(TypeError)
    },
  )
})
