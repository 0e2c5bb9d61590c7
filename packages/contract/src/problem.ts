import { type Static, Type } from 'typebox'
import { scopeNames } from './scopes.ts'

/** Codes of the native dialect: the status of each and its title, which never changes with the occasion. */
export const problems = {
  body_malformed: { status: 400, title: 'The request body cannot be read' },
  request_malformed: { status: 400, title: 'The request is not well-formed HTTP' },
  workspace_required: { status: 400, title: 'The request does not say which workspace it is about' },
  unauthorized: { status: 401, title: 'The access token is missing or invalid' },
  timestamp_malformed: { status: 401, title: 'X-Timestamp is not 13 digits' },
  timestamp_out_of_range: { status: 401, title: 'X-Timestamp is too far from the time here' },
  signature_malformed: { status: 401, title: 'X-Signature is not well-formed' },
  signature_invalid: { status: 401, title: 'No accepted secret made this signature' },
  signature_replayed: { status: 401, title: 'This signature was used before' },
  token_unauthorized: { status: 403, title: 'The access token lacks the scope' },
  origin_mismatch: { status: 403, title: 'The request does not come from the page of this server' },
  not_found: { status: 404, title: 'There is no such resource' },
  method_not_allowed: { status: 405, title: 'The resource does not know this method' },
  rotation_conflict: { status: 409, title: 'It was rotated already' },
  secret_in_use: { status: 409, title: 'The secret is in use' },
  usage_unknown: { status: 409, title: 'Whether the secret is in use is not known' },
  invalid_state: { status: 409, title: 'Not possible in the state that it is in' },
  idempotency_conflict: { status: 409, title: 'The first request with this Idempotency-Key cannot be answered again' },
  body_too_large: { status: 413, title: 'The request body is too large' },
  unsupported_media_type: { status: 415, title: 'The request body is not application/json' },
  validation_failed: { status: 422, title: 'A field of the request is not valid' },
  idempotency_key_reused: { status: 422, title: 'The Idempotency-Key was used with another request' },
  limit_reached: { status: 422, title: 'A limit of the workspace is reached' },
  rate_limit_exceeded: { status: 429, title: 'Too many requests' },
  server_error: { status: 500, title: 'Internal server error' },
  service_unavailable: { status: 503, title: 'Service unavailable' },
} as const satisfies Record<string, { status: number; title: string }>

export type ProblemCode = keyof typeof problems

const problemCodes = Object.keys(problems) as ProblemCode[] // sound: the object above has no other keys

export const FieldError = Type.Object({
  field: Type.String({ description: 'Path of the field, its parts separated by dots; empty for the body itself' }),
  message: Type.String(),
})
export type FieldError = Static<typeof FieldError>

export const Problem = Type.Object(
  {
    type: Type.String({ pattern: '^urn:cutover:problem:[a-z_]+$' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    instance: Type.String({ description: 'The path of the request, `#`, and its request id' }),
    code: Type.Enum(problemCodes),
    errors: Type.Optional(Type.Array(FieldError, { minItems: 1 })),
    realm: Type.Optional(Type.String({ description: 'Of a 401 below /v1/integrator' })),
    scope: Type.Optional(Type.Enum(scopeNames, { description: 'Of a 401 below /v1/integrator: what the token lacks' })),
    serverTime: Type.Optional(
      Type.String({ format: 'date-time', description: 'Of timestamp_out_of_range: the time here' }),
    ),
    skewMs: Type.Optional(
      Type.Integer({ description: 'Of timestamp_out_of_range: X-Timestamp less the time here, in milliseconds' }),
    ),
    resourceType: Type.Optional(Type.String({ description: 'Of a 404 below /v1/integrator: what there is none of' })),
    resourceId: Type.Optional(Type.String({ description: 'The one that was named' })),
  },
  {
    title: 'Problem',
    description: 'An error of the native dialect, RFC 9457',
    examples: [
      {
        type: 'urn:cutover:problem:validation_failed',
        title: 'A field of the request is not valid',
        status: 422,
        detail: 'platform must be one of web, ios, android',
        instance: '/v1/verifications#6b1f4f52-6d1c-4d3e-9c5a-2f3a6c0b7d10',
        code: 'validation_failed',
        errors: [{ field: 'platform', message: 'platform must be one of web, ios, android' }],
      },
    ],
  },
)
export type Problem = Static<typeof Problem>
