import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import vectors from '../test/vectors/user-hash.json' with { type: 'json' }
import { createKeyset } from './keyset.ts'
import { signUserHash, verifyUserHash } from './user-hash.ts'

const secret = '9Zw0xNs3vKk0fPz9rwKqNbzH3mPVQmQxL9vhSm9Tk4A'
const userHash = 'c31ffd65ef101af12e03696886b8b38c16962cee02f3911b5c339940b5eb5556'
const keyset = createKeyset([{ id: '1', secret }])

const anySecret = fc.string({ unit: 'binary', minLength: 1, maxLength: 200, size: 'max' })
const asciiSecret = fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 200, size: 'max' })
const anyIdentifier = fc.string({ unit: 'binary', maxLength: 1024, size: 'max' })
/** Between two well-formed texts a surrogate never finds its other half. */
const withLoneSurrogate = fc
  .tuple(fc.string({ unit: 'binary' }), fc.integer({ min: 0xd800, max: 0xdfff }), fc.string({ unit: 'binary' }))
  .map(([before, surrogate, after]) => before + String.fromCharCode(surrogate) + after)

describe('signing a user hash', () => {
  it('gives the published value for user_1', () => {
    expect(signUserHash(secret, 'user_1')).toBe(userHash)
  })

  it('is HMAC-SHA256 of the UTF-8 bytes in lowercase hex, for any secret and identifier', () => {
    fc.assert(
      fc.property(anySecret, anyIdentifier, (anyKey, identifier) => {
        const expected = createHmac('sha256', Buffer.from(anyKey)).update(Buffer.from(identifier)).digest('hex')
        expect(signUserHash(anyKey, identifier)).toBe(expected)
      }),
    )
  })

  it.each(['\ud800', 'user_\udfff', '\udc00\ud800', 'a\ud83dz'])('refuses the lone surrogate in %j', (identifier) => {
    const message = 'identifier holds a lone surrogate, which has no UTF-8 form'
    expect(() => signUserHash(secret, identifier)).toThrow(new TypeError(message))
  })

  it('refuses any identifier or secret with a lone surrogate', () => {
    fc.assert(
      fc.property(withLoneSurrogate, (text) => {
        expect(() => signUserHash(secret, text)).toThrow(TypeError)
        expect(() => signUserHash(text, 'user_1')).toThrow(TypeError)
      }),
    )
  })

  it('refuses an empty secret', () => {
    expect(() => signUserHash('', 'user_1')).toThrow(new TypeError('secret must not be empty'))
  })

  it.each([undefined, null, 1, ['user_1'], Buffer.from('user_1')])(
    'refuses the identifier %j',
    (identifier: unknown) => {
      // What a caller without types may pass.
      expect(() => signUserHash(secret, identifier as string)).toThrow(new TypeError('identifier must be a string'))
    },
  )
})

describe('verifying a user hash', () => {
  const { cases } = vectors
  const accepted = cases.filter(({ expected }) => expected.verified)
  const refused = cases.filter(({ expected }) => !expected.verified)

  it.each(accepted)('accepts: $name', ({ secrets, identifier, userHash, expected }) => {
    expect(verifyUserHash(createKeyset(secrets), identifier, userHash)).toEqual(expected)
  })

  it.each(accepted)('is what signing gives: $name', ({ secrets, identifier, userHash, expected }) => {
    const signer = secrets.find(({ id }) => id === expected.secretId)
    expect(signUserHash(signer?.secret ?? '', identifier)).toBe(userHash.toLowerCase())
  })

  it.each(refused)('refuses as $expected.reason: $name', ({ secrets, identifier, userHash, expected }) => {
    expect(verifyUserHash(createKeyset(secrets), identifier, userHash)).toEqual(expected)
  })

  it('accepts what any secret among others signed, and names it', () => {
    const severalSecrets = fc.uniqueArray(fc.oneof(asciiSecret, anySecret), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(severalSecrets, fc.nat(), anyIdentifier, (several, pick, identifier) => {
        const at = pick % several.length
        const list = several.map((one, id) => ({ id, secret: one }))
        const hash = signUserHash(several[at] ?? '', identifier)
        expect(verifyUserHash(createKeyset(list), identifier, hash)).toEqual({ verified: true, secretId: at })
        const others = createKeyset(list).filter((id) => id !== at)
        expect(verifyUserHash(others, identifier, hash).verified).toBe(false)
      }),
    )
  })

  it('refuses a hash in which any one digit was changed', () => {
    for (let at = 0; at < 64; at++) {
      for (const digit of '0123456789abcdef') {
        if (digit === userHash[at]) continue
        const changed = userHash.slice(0, at) + digit + userHash.slice(at + 1)
        expect(verifyUserHash(keyset, 'user_1', changed)).toEqual({ verified: false, reason: 'mismatch' })
      }
    }
  })

  it('refuses a hash in which any one digit became a character whose low byte is that digit', () => {
    for (let at = 0; at < 64; at++) {
      const lookalike = String.fromCharCode(0x100 + userHash.charCodeAt(at))
      const changed = userHash.slice(0, at) + lookalike + userHash.slice(at + 1)
      expect(verifyUserHash(keyset, 'user_1', changed)).toEqual({ verified: false, reason: 'mismatch' })
    }
  })

  it('refuses any text that is not the hash, also right after the hash was verified', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 70, size: 'max' }), (text) => {
        expect(verifyUserHash(keyset, 'user_1', userHash).verified).toBe(true)
        expect(verifyUserHash(keyset, 'user_1', text)).toEqual({ verified: false, reason: 'mismatch' })
      }),
    )
  })

  it('refuses every shorter beginning of the hash, also right after the hash was verified', () => {
    for (let length = 0; length < 64; length++) {
      expect(verifyUserHash(keyset, 'user_1', userHash).verified).toBe(true)
      const beginnings = [userHash.slice(0, length), userHash.slice(0, length).padEnd(64, 'g')]
      for (const text of beginnings) expect(verifyUserHash(keyset, 'user_1', text).verified).toBe(false)
    }
  })

  it.each([undefined, null, 1, [userHash], { length: 64 }, Buffer.from(userHash, 'hex')])(
    'refuses a hash that is no string: %j',
    (notAString: unknown) => {
      // What a caller without types may pass on from a request.
      const answer = verifyUserHash(keyset, 'user_1', notAString as string)
      expect(answer).toEqual({ verified: false, reason: 'mismatch' })
    },
  )

  it('throws for an identifier with a lone surrogate, which must not be compared as U+FFFD', () => {
    const hashOfReplacement = signUserHash(secret, 'user_\ufffd')
    const message = 'identifier holds a lone surrogate, which has no UTF-8 form'
    expect(() => verifyUserHash(keyset, 'user_\ud800', hashOfReplacement)).toThrow(new TypeError(message))
  })
})
