import { type Static, Type } from 'typebox'
import { limits } from './limits.ts'
import { Platform } from './platforms.ts'
import { FieldError } from './problem.ts'

/** `null`, or one of `values`: as a plain `enum`, which reads better than a union. */
const nullableEnum = <const Value extends string>(values: readonly Value[], description?: string) =>
  Type.Unsafe<Value | null>({ enum: [...values, null], ...(description ? { description } : {}) })

const nullableString = (options: { description: string; format?: string }) =>
  Type.Unsafe<string | null>({ type: ['string', 'null'], ...options })

const VerificationFields = {
  platform: Platform,
  userId: Type.Optional(
    Type.String({ minLength: 1, description: 'The user id as your app knows it; compared byte by byte' }),
  ),
  email: Type.Optional(
    Type.String({
      minLength: 1,
      description: 'Signed in place of the user id, only when there is no user id',
    }),
  ),
  userHash: Type.Optional(
    Type.String({ description: 'HMAC-SHA256 in hex, keyed with the bytes of the secret string, RFC 2104' }),
  ),
  jwt: Type.Optional(Type.String({ description: 'Compact JWS, HS256, with the claim user_id; 8 KiB at most' })),
  source: Type.Optional(
    Type.String({ maxLength: limits.sourceLength, description: 'Your own client, so that usage can name it' }),
  ),
  workspaceId: Type.Optional(Type.String({ description: 'For instance tokens; overrides Cutover-Workspace' })),
}

const example = {
  platform: 'web',
  userId: 'user_1',
  userHash: 'c31ffd65ef101af12e03696886b8b38c16962cee02f3911b5c339940b5eb5556',
}

export const VerificationRequest = Type.Object(VerificationFields, {
  title: 'VerificationRequest',
  additionalProperties: false,
  examples: [example],
})
export type VerificationRequest = Static<typeof VerificationRequest>

export const VerificationItem = Type.Object(
  {
    ...VerificationFields,
    reference: Type.Optional(Type.String({ maxLength: limits.referenceLength, description: 'Echoed in the result' })),
  },
  { title: 'VerificationItem', additionalProperties: false },
)
export type VerificationItem = Static<typeof VerificationItem>

/** Why nothing verified, in the order in which the checks are made. */
export const verificationReasons = [
  'unsigned',
  'user_missing',
  'jwt_malformed',
  'jwt_algorithm',
  'no_active_secret',
  'mismatch',
  'jwt_expired',
  'jwt_not_yet_valid',
  'jwt_user_missing',
] as const
export type VerificationReason = (typeof verificationReasons)[number]

export const enforcements = ['enforce', 'monitor', 'off'] as const
export type Enforcement = (typeof enforcements)[number]

const ResultFields = {
  verified: Type.Boolean(),
  decision: Type.Enum(['allow', 'reject'] as const, {
    description: 'reject only where the platform is enforced and nothing verified',
  }),
  reason: nullableEnum(verificationReasons, 'Why nothing verified; null when something did'),
  method: nullableEnum(['userHash', 'jwt'], 'What was compared; null for an unsigned question'),
  userId: nullableString({ description: 'The only user id to act on; null unless one was verified' }),
  secretId: nullableString({ description: 'The secret that verified it' }),
  secretExpiresAt: nullableString({ format: 'date-time', description: 'When that secret stops being accepted' }),
  enforcement: Type.Enum(enforcements),
}

export const VerificationResult = Type.Object(ResultFields, {
  title: 'VerificationResult',
  examples: [
    {
      verified: true,
      decision: 'allow',
      reason: null,
      method: 'userHash',
      userId: 'user_1',
      secretId: '12',
      secretExpiresAt: null,
      enforcement: 'enforce',
    },
  ],
})
export type VerificationResult = Static<typeof VerificationResult>

export const BatchRequest = Type.Object(
  {
    items: Type.Array(Type.Unknown({ description: 'A VerificationRequest, which may carry a reference' }), {
      minItems: 1,
      maxItems: limits.batchItems,
    }),
  },
  { title: 'VerificationBatch', additionalProperties: false, examples: [{ items: [{ ...example, reference: 'a' }] }] },
)
export type BatchRequest = Static<typeof BatchRequest>

/** The result of one item: as for a single verification, or `item_invalid` with what is wrong with the item. */
export const BatchItemResult = Type.Object(
  {
    ...ResultFields,
    reason: nullableEnum([...verificationReasons, 'item_invalid']),
    enforcement: nullableEnum(enforcements, 'null for an invalid item'),
    reference: Type.Optional(Type.String()),
    errors: Type.Optional(Type.Array(FieldError, { description: 'Only with item_invalid' })),
  },
  { title: 'VerificationItemResult' },
)
export type BatchItemResult = Static<typeof BatchItemResult>

export const BatchResponse = Type.Object(
  { results: Type.Array(BatchItemResult, { description: 'In the order of the items' }) },
  { title: 'VerificationBatchResult' },
)
export type BatchResponse = Static<typeof BatchResponse>
