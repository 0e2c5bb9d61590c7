import { type Static, Type } from 'typebox'
import { limits } from './limits.ts'
import { VerificationRequest } from './verifications.ts'

/** What a diagnosis can find; the first of them that fits is the answer. */
export const findings = [
  'verified',
  'jwt_malformed',
  'jwt_algorithm',
  'jwt_expired',
  'jwt_not_yet_valid',
  'jwt_user_missing',
  'wrong_platform',
  'secret_disabled',
  'secret_deleted',
  'secret_expired',
  'signed_email_not_user_id',
  'signed_user_id_not_email',
  'untrimmed_identifier',
  'case_changed_identifier',
  'secret_had_trailing_newline',
  'secret_was_base64_decoded',
  'digest_was_base64',
  'sha1_digest',
  'plain_sha256_without_key',
  'integrator_secret_used',
  'no_active_secret',
  'unknown',
] as const
export type Finding = (typeof findings)[number]

/** The question of a verification, with something in it that was signed, however it was written. */
export const DiagnosisRequest = Type.Object(
  {
    ...VerificationRequest.properties,
    userHash: Type.Optional(
      Type.String({
        maxLength: limits.diagnosedHashLength,
        description: 'As it was sent, in whatever form; `userId` or `email` has to come with it',
      }),
    ),
  },
  {
    title: 'DiagnosisRequest',
    description: 'Exactly one of userHash and jwt',
    additionalProperties: false,
    examples: [
      {
        platform: 'web',
        userId: 'user_1',
        userHash: 'wx/9Ze8QGvEuA2lohrizjBaWLO4C85EbXDOZQLXrVVY=',
      },
    ],
  },
)
export type DiagnosisRequest = Static<typeof DiagnosisRequest>

export const Diagnosis = Type.Object(
  {
    verified: Type.Boolean({ description: 'Whether the finding is `verified`. Nothing may be allowed because of it' }),
    finding: Type.Enum(findings, { description: 'The first that fits' }),
    hint: Type.String({ description: 'What to change, in words for a developer; they may change, findings do not' }),
  },
  {
    title: 'Diagnosis',
    examples: [
      {
        verified: false,
        finding: 'digest_was_base64',
        hint: 'The hash is right, but it was sent in base64. Send it as 64 hex digits.',
      },
    ],
  },
)
export type Diagnosis = Static<typeof Diagnosis>
