import { secretFingerprint } from '@cutover/signing'
import { expect, it } from 'vitest'
import { parseIdentitySecretId } from './identity-secret.ts'

it('the fingerprint is the first 16 hex digits of the SHA-256 of the secret string', () => {
  expect(secretFingerprint('9Zw0xNs3vKk0fPz9rwKqNbzH3mPVQmQxL9vhSm9Tk4A')).toBe('sha256:ca32af082f506652')
})

it.each(['0', '01', '', '-1', '1.0', ' 1', '9007199254740992', '1'.repeat(20)])('%j is no id of a secret', (text) => {
  expect(parseIdentitySecretId(text)).toBeNull()
})
