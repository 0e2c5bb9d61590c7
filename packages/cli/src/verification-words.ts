import type { RefusalReason, RequestRefusalReason } from '@cutover/signing'

/** What each reason means for whoever holds the secrets: no server is there to ask. */
const words = {
  jwt_malformed: 'it is no strict compact JWS of at most 8192 bytes',
  jwt_algorithm: 'its alg is not HS256',
  no_active_secret: 'there is no secret to verify with',
  mismatch: 'none of the secrets made it, or it was made for another user',
  jwt_expired: 'it is genuine, and has expired',
  jwt_not_yet_valid: 'it is genuine, and not valid yet',
  jwt_user_missing: 'it is genuine, and has no usable user_id',
  timestamp_malformed: 'X-Timestamp is missing, there twice, or not 13 digits',
  timestamp_out_of_range: 'its timestamp is more than 300 seconds from the clock',
  signature_malformed: 'X-Signature is missing, there twice, or not sha256= and 64 lowercase hex digits',
  signature_invalid: 'none of the secrets made it, or X-Integrator-Key is missing or there twice',
} as const satisfies Record<RefusalReason | RequestRefusalReason, string>

export function wordsOf(reason: keyof typeof words): string {
  return words[reason]
}
