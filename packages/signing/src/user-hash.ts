import { Buffer } from 'node:buffer'
import { createHmac } from 'node:crypto'
import { findSigner, type Keyset } from './keyset.ts'
import type { RefusalReason } from './reasons.ts'
import { assertSecret } from './secret.ts'
import { assertWellFormed } from './well-formed.ts'

export type UserHashVerification<Id = string> =
  | { readonly verified: true; readonly secretId: Id }
  | { readonly verified: false; readonly reason: Extract<RefusalReason, 'no_active_secret' | 'mismatch'> }

/**
 * The user hash of an identifier: HMAC-SHA256 (RFC 2104, RFC 4231) as 64 lowercase hex digits.
 *
 * @param secret - the secret string exactly as issued; its UTF-8 bytes are the key.
 * @param identifier - user id or email. Its UTF-8 bytes are signed as they are: no trimming, no Unicode normalization,
 *   no change of case. The empty string is signed like any other.
 * @throws TypeError when either is no string or holds a lone surrogate, or the secret is empty.
 */
export function signUserHash(secret: string, identifier: string): string {
  assertSecret(secret)
  assertWellFormed('identifier', identifier)
  return createHmac('sha256', secret).update(identifier).digest('hex')
}

const HEX_DIGITS = 64
const presentedDigest = Buffer.alloc(HEX_DIGITS / 2)

/**
 * Says which secret of the keyset made a user hash, if any did. All are compared, in constant time.
 *
 * @param identifier - what was signed, compared as UTF-8 bytes (see {@link signUserHash}).
 * @param userHash - 64 hex digits in either case; anything else is a `mismatch`.
 * @returns the id of the first secret in keyset order that matches, or the reason of the refusal: `no_active_secret`
 *   for an empty keyset, else `mismatch`.
 * @throws TypeError when the identifier is no string or holds a lone surrogate. A wrong hash never throws.
 */
export function verifyUserHash<Id>(keyset: Keyset<Id>, identifier: string, userHash: string): UserHashVerification<Id> {
  assertWellFormed('identifier', identifier)
  if (keyset.size === 0) return { verified: false, reason: 'no_active_secret' }
  if (!readUserHash(userHash)) return { verified: false, reason: 'mismatch' }
  const signer = findSigner(keyset, identifier, presentedDigest)
  return signer ? { verified: true, secretId: signer.id } : { verified: false, reason: 'mismatch' }
}

/**
 * Buffer's hex decoder stops at a character that is no digit, but takes U+0130 for "0": it keeps the low byte only.
 * Hence the byte length, which is 64 only when all are ASCII.
 */
function readUserHash(userHash: unknown): boolean {
  return (
    typeof userHash === 'string' &&
    userHash.length === HEX_DIGITS &&
    Buffer.byteLength(userHash) === HEX_DIGITS &&
    presentedDigest.write(userHash, 'hex') === presentedDigest.length
  )
}
