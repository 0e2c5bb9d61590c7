import { type Static, Type } from 'typebox'

/** Why a signed request was refused, in the order in which the checks are made. */
export const requestSignatureReasons = [
  'timestamp_malformed',
  'timestamp_out_of_range',
  'signature_malformed',
  'signature_invalid',
  'signature_replayed',
] as const
export type RequestSignatureReason = (typeof requestSignatureReasons)[number]

const example = {
  integratorKey: 'int_b2K9qTzX4mWvL0sYh7Rd',
  timestamp: '1795262400000',
  method: 'POST',
  path: '/payouts?dry=1',
  bodySha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  signature: 'sha256=6b0f1d7a0c6f0d3a5b1c9e8f7a6d5c4b3a2918070f1e2d3c4b5a69788796a5b4',
}

/** What a gateway knows of a signed request that it received; header values exactly as they came. */
export const RequestVerificationRequest = Type.Object(
  {
    integratorKey: Type.String({ description: 'X-Integrator-Key' }),
    timestamp: Type.String({ description: 'X-Timestamp, as text: Unix milliseconds, exactly 13 digits' }),
    method: Type.String({ minLength: 1, description: 'In any case' }),
    path: Type.String({ minLength: 1, description: 'The request target as it was sent, its query included' }),
    bodySha256: Type.String({
      pattern: '^[0-9a-f]{64}$',
      description: 'SHA-256 of the raw body in lowercase hex; of a request without one: of the empty string',
    }),
    signature: Type.String({ description: 'X-Signature: `sha256=` and 64 lowercase hex digits' }),
    consume: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'Accept this signature once: from then on, on every node, it is signature_replayed',
      }),
    ),
  },
  { title: 'RequestVerificationRequest', additionalProperties: false, examples: [example] },
)
export type RequestVerificationRequest = Static<typeof RequestVerificationRequest>

const nullableString = (options: { description: string; format?: string }) =>
  Type.Unsafe<string | null>({ type: ['string', 'null'], ...options })

export const RequestVerificationResult = Type.Object(
  {
    verified: Type.Boolean(),
    reason: Type.Unsafe<RequestSignatureReason | null>({
      enum: [...requestSignatureReasons, null],
      description: 'Why not; null when it is verified. An unknown key is signature_invalid',
    }),
    integratorId: nullableString({ description: 'Who signed; null unless verified' }),
    secretFingerprint: nullableString({ description: 'Of the secret that signed it' }),
    secretExpiresAt: nullableString({ format: 'date-time', description: 'When that secret stops being accepted' }),
  },
  {
    title: 'RequestVerificationResult',
    examples: [
      {
        verified: true,
        reason: null,
        integratorId: 'itg_6RfPz0aVb31mKc8sJtWq',
        secretFingerprint: 'sha256:ca32af082f506652',
        secretExpiresAt: null,
      },
    ],
  },
)
export type RequestVerificationResult = Static<typeof RequestVerificationResult>
