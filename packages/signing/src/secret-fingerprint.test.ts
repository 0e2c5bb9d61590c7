import { describe, expect, it } from 'vitest'
import { secretFingerprint } from './secret-fingerprint.ts'

describe('the fingerprint of a secret', () => {
  it('is the start of the SHA-256 of the secret as issued', () => {
    // printf %s 9Zw0xNs3vKk0fPz9rwKqNbzH3mPVQmQxL9vhSm9Tk4A | sha256sum
    expect(secretFingerprint('9Zw0xNs3vKk0fPz9rwKqNbzH3mPVQmQxL9vhSm9Tk4A')).toBe('sha256:ca32af082f506652')
  })

  it('is of no secret without a form in UTF-8', () => {
    expect(() => secretFingerprint('\ud800')).toThrow(TypeError)
    expect(() => secretFingerprint('')).toThrow(TypeError)
  })
})
