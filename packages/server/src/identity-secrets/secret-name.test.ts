import { describe, expect, it } from 'vitest'
import { fingerprint, parseIdentitySecretId } from './identity-secret.ts'
import { parseSecretName } from './secret-name.ts'

describe('the name of a secret', () => {
  it.each([
    ['a', 'a'],
    [' \t a b \u00a0\n', 'a b'],
    ['x'.repeat(255), 'x'.repeat(255)],
    [` ${'𝄞'.repeat(255)} `, '𝄞'.repeat(255)],
    ['‏עברית', '‏עברית'],
    ['👩‍👩‍👧', '👩‍👩‍👧'],
    ['__proto__', '__proto__'],
  ])('%j is kept as %j', (text, name) => {
    expect(parseSecretName(text)).toEqual({ name })
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
    expect(parseSecretName(text)).toEqual({ fault })
  })
})

it('the fingerprint is the first 16 hex digits of the SHA-256 of the secret string', () => {
  expect(fingerprint('9Zw0xNs3vKk0fPz9rwKqNbzH3mPVQmQxL9vhSm9Tk4A')).toBe('sha256:ca32af082f506652')
})

it.each(['0', '01', '', '-1', '1.0', ' 1', '9007199254740992', '1'.repeat(20)])('%j is no id of a secret', (text) => {
  expect(parseIdentitySecretId(text)).toBeNull()
})
