import type { Finding, Platform } from '@cutover/contract'
import type { Diagnosis, Note, Standing } from './candidate.ts'

interface Occasion {
  readonly platform: Platform
  readonly method: 'userHash' | 'jwt'
  readonly note: Note | null
  /** What to call the secret. */
  readonly secret: string
  readonly integrator: string
}

type Words = (occasion: Occasion) => string

/** What to change, in plain words. */
export function hintOf(
  { finding, note, candidate }: Diagnosis,
  platform: Platform,
  method: 'userHash' | 'jwt',
): string {
  const secret = candidate ? `secret ${candidate.id}` : 'the secret'
  const integrator = candidate?.integratorId ?? ''
  const hint = words[finding]({ platform, method, note, secret, integrator })
  if (candidate === null || candidate.standing === 'accepted' || aboutStanding.has(finding)) return hint
  return `${hint} Besides, the secret is number ${candidate.id}: ${notAccepted[candidate.standing]}.`
}

/** What says already that the secret is not accepted. */
const aboutStanding: ReadonlySet<Finding> = new Set([
  'wrong_platform',
  'secret_disabled',
  'secret_deleted',
  'secret_expired',
  'integrator_secret_used',
])

const notAccepted: Readonly<Record<Exclude<Standing, 'accepted'>, string>> = {
  wrong_platform: 'it is not for this platform',
  disabled: 'it is disabled',
  deleted: 'it was deleted',
  expired: 'it has expired',
  of_integrator: 'it belongs to an integrator',
}

const words: Readonly<Record<Finding, Words>> = {
  verified: () =>
    'The signature is good: nothing has to change. If a user is refused all the same, compare what is sent for them with ' +
    'this question, byte by byte.',
  jwt_malformed: () =>
    'The token is not what a JWT has to be here: three parts in base64url without padding, at most 8 KiB, JSON objects as ' +
    'header and claims, no crit, typ absent or JWT, and exp, nbf and iat finite numbers. Send exactly what your JWT ' +
    'library returns.',
  jwt_algorithm: () => 'The header of the token names another algorithm. Have your JWT library sign with HS256.',
  jwt_expired: () =>
    'The token is genuine, but it expired at least 60 seconds ago. Sign a fresh one each time, and set the clock of the ' +
    'machine that signs.',
  jwt_not_yet_valid: () =>
    'The token is genuine, but its nbf or iat is more than 60 seconds ahead. Write times in seconds, not milliseconds, and ' +
    'set the clock of the machine that signs.',
  jwt_user_missing: () =>
    'The token is genuine, but has no claim user_id that is a non-empty string. Put the user id there, as text even when it ' +
    'is a number.',
  wrong_platform: ({ secret, platform }) =>
    `It was signed with ${secret}, which is not for ${platform}. Sign with a secret of that platform, or add the platform ` +
    'to this one.',
  secret_disabled: ({ secret }) =>
    `It was signed with ${secret}, which is disabled. Sign with another one, or have this one enabled again.`,
  secret_deleted: ({ secret }) =>
    `It was signed with ${secret}, which was deleted. Sign with a live one; until its material is destroyed, this one can ` +
    'be restored.',
  secret_expired: ({ secret }) =>
    `It was signed with ${secret}, whose time is over. Sign with the one that took its place.`,
  signed_email_not_user_id: ({ method }) =>
    method === 'jwt'
      ? 'The claim user_id of the token holds the email address. Put the user id there.'
      : 'The email address was signed. Where there is a user id, sign that, or leave the user id out of what is sent.',
  signed_user_id_not_email: () =>
    'The user id was signed, but what is sent has an email address as userId and the user id as email. Send each in its ' +
    'own field.',
  untrimmed_identifier: ({ note }) =>
    note === 'whitespace_sent'
      ? 'The identifier is sent with whitespace around it and was signed without. Trim it before it is sent, too.'
      : 'The identifier was signed with whitespace around it (a space, a tab or a line break) and is sent without. Trim it ' +
        'before it is signed.',
  case_changed_identifier: ({ note }) => `${caseWords(note)} Sign exactly what is sent, letter by letter.`,
  secret_had_trailing_newline: () =>
    'The key had a line break behind the secret, as text files and echo add one. Take it away when the secret is read.',
  secret_was_base64_decoded: () =>
    'The secret was decoded from base64 before it was used. Use its characters as they are, as bytes, for the key.',
  digest_was_base64: () => 'The hash is right, but it was sent in base64. Send it as 64 hex digits.',
  sha1_digest: () => 'The hash is an HMAC with SHA-1. Compute it with SHA-256.',
  plain_sha256_without_key: () =>
    'The hash is a SHA-256 without a key. Compute an HMAC-SHA256: the secret is its key, the identifier its message.',
  integrator_secret_used: ({ integrator }) =>
    `It was signed with a secret of the integrator ${integrator}, which is for whole requests. Sign users with an identity ` +
    'secret.',
  no_active_secret: ({ platform }) =>
    `No secret is accepted on ${platform} at this moment. Create one for it, or enable one that there is.`,
  unknown: ({ note, method }) => unknownWords(note, method),
}

function caseWords(note: Note | null): string {
  if (note === null) return 'The identifier was signed in other upper and lower case than it is sent in.'
  return `The identifier was signed in ${note === 'lower_case_signed' ? 'lower' : 'upper'} case, and is sent in another.`
}

function unknownWords(note: Note | null, method: 'userHash' | 'jwt'): string {
  if (note === 'another_user') {
    return 'The token is genuine, but it is about another user. Send the token of the very user whose id is sent.'
  }
  if (note === 'not_hex') {
    return 'This is not the form of a hash. Send an HMAC-SHA256 as 64 hex digits, and nothing before or after them.'
  }
  const signed =
    method === 'jwt' ? 'the token arrives as it was signed' : 'exactly the identifier that is sent was signed'
  return (
    'No mistake that is known here explains it. Check that the secret is complete and one of this workspace, that it is ' +
    `the key and not the message, and that ${signed}.`
  )
}
