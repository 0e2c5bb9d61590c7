import { createHash, createHmac } from 'node:crypto'
import type { Finding } from '@cutover/contract'
import type { DiagnosedWorkspace } from './diagnosed-workspace.ts'

type Key = string | Uint8Array

export function hmac(key: Key, message: string, algorithm = 'sha256') {
  return createHmac(algorithm, key).update(message)
}

const sha256 = (message: string) => createHash('sha256').update(message).digest('hex')
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A compact JWS as somebody may have made it who does not know how. */
export function jwt(key: Key, claims: object, header: object = { alg: 'HS256', typ: 'JWT' }): string {
  const signingInput = `${part(header)}.${part(claims)}`
  return `${signingInput}.${createHmac('sha256', key).update(signingInput).digest('base64url')}`
}

export interface WrongSignature {
  readonly title: string
  readonly finding: Finding
  /** As it would be sent; for web where it does not say otherwise. */
  question(workspace: DiagnosedWorkspace, nowSeconds: number): object
  /** What its hint has to say, beyond what every hint of the finding does. */
  readonly hint?: RegExp
  /** Whose key it was, as far as it is known. */
  readonly by?: keyof DiagnosedWorkspace
}

const userId = 'user_Ann_7'
const email = 'Ann@Example.com'
const decoded = (secret: string) => Buffer.from(secret, 'base64url')
const hashed = (key: Key, message = userId) => ({ userId, userHash: hmac(key, message).digest('hex') })
const token = (key: Key, claims: object = { user_id: userId }) => ({ jwt: jwt(key, claims) })

/** Each mistake that has a finding, really made. */
export const wrongSignatures: readonly WrongSignature[] = [
  { title: 'a right hash', finding: 'verified', by: 'web', question: ({ web }) => hashed(web.secret) },
  {
    title: 'a right hash in upper case',
    finding: 'verified',
    by: 'web',
    question: ({ web }) => ({ userId, userHash: hmac(web.secret, userId).digest('hex').toUpperCase() }),
  },
  {
    title: 'a right hash of an email alone',
    finding: 'verified',
    by: 'web',
    question: ({ web }) => ({ email, userHash: hmac(web.secret, email).digest('hex') }),
  },
  { title: 'a right JWT', finding: 'verified', by: 'web', question: ({ web }) => ({ userId, ...token(web.secret) }) },
  { title: 'a JWT of two parts', finding: 'jwt_malformed', question: () => ({ jwt: 'a.b' }) },
  {
    title: 'a JWT with an expiry in words',
    finding: 'jwt_malformed',
    question: ({ web }) => token(web.secret, { user_id: userId, exp: 'tomorrow' }),
  },
  {
    title: 'a JWT without a signature',
    finding: 'jwt_algorithm',
    question: () => ({ jwt: `${part({ alg: 'none' })}.${part({ user_id: userId })}.` }),
  },
  {
    title: 'a JWT that says HS512',
    finding: 'jwt_algorithm',
    question: ({ web }) => ({ jwt: jwt(web.secret, { user_id: userId }, { alg: 'HS512' }) }),
  },
  {
    title: 'a JWT 60 s after its exp',
    finding: 'jwt_expired',
    question: ({ web }, now) => token(web.secret, { user_id: userId, exp: now - 60 }),
  },
  {
    title: 'a JWT with an iat in milliseconds',
    finding: 'jwt_not_yet_valid',
    hint: /milliseconds/,
    question: ({ web }, now) => token(web.secret, { user_id: userId, iat: now * 1000 }),
  },
  {
    title: 'a JWT with the user id in sub',
    finding: 'jwt_user_missing',
    question: ({ web }) => token(web.secret, { sub: userId }),
  },
  {
    title: 'a JWT with a number for a user id',
    finding: 'jwt_user_missing',
    question: ({ web }) => token(web.secret, { user_id: 7 }),
  },
  ...(['hash', 'JWT'] as const).flatMap((form): WrongSignature[] => {
    const signed = form === 'hash' ? hashed : token
    return [
      {
        title: `a ${form} by the secret of another platform`,
        finding: 'wrong_platform',
        by: 'ios',
        hint: /not for web/,
        question: ({ ios }) => signed(ios.secret),
      },
      {
        title: `a ${form} by a disabled secret`,
        finding: 'secret_disabled',
        by: 'disabled',
        question: ({ disabled }) => signed(disabled.secret),
      },
      {
        title: `a ${form} by a deleted secret`,
        finding: 'secret_deleted',
        by: 'deleted',
        question: ({ deleted }) => signed(deleted.secret),
      },
      {
        title: `a ${form} by a secret whose time is over`,
        finding: 'secret_expired',
        by: 'expired',
        question: ({ expired }) => signed(expired.secret),
      },
      {
        title: `a ${form} by a secret with a line break behind it`,
        finding: 'secret_had_trailing_newline',
        by: 'web',
        question: ({ web }) => signed(`${web.secret}\n`),
      },
      {
        title: `a ${form} by a secret with a line break of Windows behind it`,
        finding: 'secret_had_trailing_newline',
        by: 'web',
        question: ({ web }) => signed(`${web.secret}\r\n`),
      },
      {
        title: `a ${form} by a deleted secret with a line break behind it`,
        finding: 'secret_had_trailing_newline',
        by: 'deleted',
        hint: /Besides, the secret is number \d+: it was deleted\.$/,
        question: ({ deleted }) => signed(`${deleted.secret}\n`),
      },
      {
        title: `a ${form} by the bytes that the secret stands for`,
        finding: 'secret_was_base64_decoded',
        by: 'web',
        question: ({ web }) => signed(decoded(web.secret)),
      },
      {
        title: `a ${form} by the secret of an integrator`,
        finding: 'integrator_secret_used',
        by: 'ofIntegrator',
        hint: /itg_/,
        question: ({ ofIntegrator }) => signed(ofIntegrator.secret),
      },
      {
        title: `a ${form} by the secret of an integrator with a line break behind it`,
        finding: 'unknown',
        question: ({ ofIntegrator }) => signed(`${ofIntegrator.secret}\n`),
      },
      {
        title: `a ${form} for a platform without a secret`,
        finding: 'no_active_secret',
        hint: /on android/,
        question: () => ({ platform: 'android', ...signed('0123456789abcdef') }),
      },
      {
        title: `a ${form} by the secret of another workspace`,
        finding: 'unknown',
        question: ({ ofOtherWorkspace }) => signed(ofOtherWorkspace.secret),
      },
    ]
  }),
  {
    title: 'a hash of the email, beside a user id',
    finding: 'signed_email_not_user_id',
    by: 'web',
    hint: /^The email address was signed/,
    question: ({ web }) => ({ email, ...hashed(web.secret, email) }),
  },
  {
    title: 'a JWT with the email in user_id',
    finding: 'signed_email_not_user_id',
    by: 'web',
    hint: /^The claim user_id/,
    question: ({ web }) => ({ userId, email, ...token(web.secret, { user_id: email }) }),
  },
  {
    title: 'a hash of the user id, sent in the place of the email',
    finding: 'signed_user_id_not_email',
    by: 'web',
    question: ({ web }) => ({ ...hashed(web.secret), userId: email, email: userId }),
  },
  {
    title: 'a JWT with a user id that is sent in the place of the email',
    finding: 'signed_user_id_not_email',
    by: 'web',
    question: ({ web }) => ({ ...token(web.secret), userId: email, email: userId }),
  },
  ...[' ', '\n', '\r\n', '\t'].flatMap((space): WrongSignature[] =>
    [userId + space, space + userId].map((signed) => ({
      title: `a hash of ${JSON.stringify(signed)}`,
      finding: 'untrimmed_identifier',
      by: 'web',
      hint: /was signed with whitespace/,
      question: ({ web }) => hashed(web.secret, signed),
    })),
  ),
  {
    title: 'a hash of an email with a line break behind it',
    finding: 'untrimmed_identifier',
    by: 'web',
    hint: /was signed with whitespace/,
    question: ({ web }) => ({ email, userHash: hmac(web.secret, `${email}\n`).digest('hex') }),
  },
  {
    title: 'a right hash that is sent with a user id and a space',
    finding: 'untrimmed_identifier',
    by: 'web',
    hint: /is sent with whitespace/,
    question: ({ web }) => ({ ...hashed(web.secret), userId: `${userId} ` }),
  },
  {
    title: 'a JWT with a space in its user_id',
    finding: 'untrimmed_identifier',
    by: 'web',
    hint: /was signed with whitespace/,
    question: ({ web }) => ({ userId, ...token(web.secret, { user_id: `${userId} ` }) }),
  },
  {
    title: 'a right JWT that is sent with a user id and a tab',
    finding: 'untrimmed_identifier',
    by: 'web',
    hint: /is sent with whitespace/,
    question: ({ web }) => ({ ...token(web.secret), userId: `${userId}\t` }),
  },
  {
    title: 'a hash of the user id in lower case',
    finding: 'case_changed_identifier',
    by: 'web',
    hint: /signed in lower case/,
    question: ({ web }) => hashed(web.secret, userId.toLowerCase()),
  },
  {
    title: 'a hash of the email in upper case',
    finding: 'case_changed_identifier',
    by: 'web',
    hint: /signed in upper case/,
    question: ({ web }) => ({ email, userHash: hmac(web.secret, email.toUpperCase()).digest('hex') }),
  },
  {
    title: 'a JWT with the user id in another case',
    finding: 'case_changed_identifier',
    by: 'web',
    question: ({ web }) => ({ userId, ...token(web.secret, { user_id: 'User_ANN_7' }) }),
  },
  ...(['base64', 'base64url'] as const).flatMap((encoding): WrongSignature[] => [
    {
      title: `a hash in ${encoding}`,
      finding: 'digest_was_base64',
      by: 'web',
      question: ({ web }) => ({ userId, userHash: hmac(web.secret, userId).digest(encoding) }),
    },
    {
      title: `a hash in hex and then in ${encoding}`,
      finding: 'digest_was_base64',
      by: 'web',
      question: ({ web }) => ({
        userId,
        userHash: Buffer.from(hmac(web.secret, userId).digest('hex')).toString(encoding),
      }),
    },
    {
      title: `a hash in ${encoding} and then in hex`,
      finding: 'digest_was_base64',
      by: 'web',
      question: ({ web }) => ({
        userId,
        userHash: Buffer.from(hmac(web.secret, userId).digest(encoding)).toString('hex'),
      }),
    },
  ]),
  {
    title: 'a hash with SHA-1',
    finding: 'sha1_digest',
    by: 'web',
    question: ({ web }) => ({ userId, userHash: hmac(web.secret, userId, 'sha1').digest('hex') }),
  },
  ...['', ':', '.', '|'].flatMap((separator): WrongSignature[] => [
    {
      title: `a SHA-256 of secret and user id with ${JSON.stringify(separator)} between`,
      finding: 'plain_sha256_without_key',
      by: 'web',
      question: ({ web }) => ({ userId, userHash: sha256(web.secret + separator + userId) }),
    },
    {
      title: `a SHA-256 of user id and secret with ${JSON.stringify(separator)} between`,
      finding: 'plain_sha256_without_key',
      by: 'web',
      question: ({ web }) => ({ userId, userHash: sha256(userId + separator + web.secret) }),
    },
  ]),
  {
    title: 'a SHA-256 of the user id alone',
    finding: 'plain_sha256_without_key',
    question: () => ({ userId, userHash: sha256(userId) }),
  },
  {
    title: 'a SHA-256 of the email alone',
    finding: 'plain_sha256_without_key',
    question: () => ({ userId, email, userHash: sha256(email) }),
  },
  {
    title: 'something that is no hash at all',
    finding: 'unknown',
    hint: /64 hex digits/,
    question: () => ({ userId, userHash: 'sha256=0123' }),
  },
  {
    title: 'nothing between quotes for a hash',
    finding: 'unknown',
    hint: /64 hex digits/,
    question: () => ({ userId, userHash: '' }),
  },
  {
    title: 'a JWT of another user',
    finding: 'unknown',
    by: 'web',
    hint: /another user/,
    question: ({ web }) => ({ userId, email, ...token(web.secret, { user_id: 'somebody_else' }) }),
  },
]
