import type { VerificationReason } from '@cutover/contract'

/** Why nothing verified, in a sentence. */
export const reasonWords = {
  unsigned: 'Neither a hash nor a JWT was sent',
  user_missing: 'A hash came without the user id or email that it is of',
  jwt_malformed: 'What was sent is no JWT',
  jwt_algorithm: 'The JWT is not signed with HS256',
  no_active_secret: 'No secret of this platform is accepted',
  mismatch: 'No accepted secret made this signature',
  jwt_expired: 'The JWT is past its end',
  jwt_not_yet_valid: 'The JWT is from the future',
  jwt_user_missing: 'The JWT is good, but names no user_id',
} as const satisfies Record<VerificationReason, string>
