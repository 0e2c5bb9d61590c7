import { Type } from 'typebox'

/** Names of the headers that Cutover defines or gives a meaning to. */
export const headers = {
  requestId: 'X-Request-Id',
  workspace: 'Cutover-Workspace',
  revocationEpoch: 'Cutover-Revocation-Epoch',
  intercomVersion: 'Intercom-Version',
  idempotencyKey: 'Idempotency-Key',
  integratorKey: 'X-Integrator-Key',
  timestamp: 'X-Timestamp',
  signature: 'X-Signature',
  secretSunset: 'Cutover-Secret-Sunset',
  currentSecret: 'Cutover-Current-Secret',
  rateLimitLimit: 'X-RateLimit-Limit',
  rateLimitRemaining: 'X-RateLimit-Remaining',
  rateLimitReset: 'X-RateLimit-Reset',
} as const

/** Response headers as OpenAPI shows them. */
export const responseHeaders = {
  requestId: { [headers.requestId]: Type.String({ format: 'uuid', description: 'Names this request in logs' }) },
  noStore: { 'Cache-Control': Type.Literal('no-store', { description: 'The answer holds a secret' }) },
  authenticate: { 'WWW-Authenticate': Type.String({ description: 'RFC 6750', examples: ['Bearer realm="cutover"'] }) },
  secretSunset: {
    [headers.secretSunset]: Type.String({
      format: 'date-time',
      description: 'Only where the request was signed with a retiring secret: when that stops being accepted',
    }),
    [headers.currentSecret]: Type.String({
      pattern: '^sha256:[0-9a-f]{16}$',
      description: 'With the header before: the fingerprint of the secret to sign with instead',
    }),
  },
  retryAfter: { 'Retry-After': Type.String({ description: 'Seconds to wait before the next try' }) },
  rateLimit: {
    [headers.rateLimitLimit]: Type.String({
      pattern: '^[1-9][0-9]*$',
      description: 'Requests that a token may make in a window of 10 s; absent where nothing is limited',
    }),
    [headers.rateLimitRemaining]: Type.String({
      pattern: '^[0-9]+$',
      description: 'Requests that are left of them',
    }),
    [headers.rateLimitReset]: Type.String({
      pattern: '^[1-9][0-9]*$',
      description: 'Unix seconds at which the window ends',
    }),
  },
  allow: { Allow: Type.String({ description: 'The methods that this path knows' }) },
  revocationEpoch: {
    [headers.revocationEpoch]: Type.String({
      pattern: '^[1-9][0-9]*$',
      description: 'The place of this change in the one order of all changes',
    }),
  },
} as const
