import { type ErrorList, type ErrorListCode, type ErrorListEntry, limits } from '@cutover/contract'
import { authenticateChallenge, type Dialect, setRetryAfter } from './dialect.ts'
import type { FieldFault, Refusal, RefusalKind } from './refusal.ts'

interface Answer {
  readonly status: number
  readonly code: ErrorListCode
  readonly message: string
}

const serviceUnavailable: Answer = { status: 503, code: 'service_unavailable', message: 'Service unavailable' }
const unauthorized: Answer = { status: 401, code: 'unauthorized', message: 'Access Token Invalid' }
const notFound: Answer = { status: 404, code: 'not_found', message: 'Resource not found' }

/** The Intercom-compatible dialect. Where a refusal has a detail, that is the message in place of the one here. */
const answers: Readonly<Record<RefusalKind, Answer>> = {
  token_invalid: unauthorized,
  scope_missing: { status: 403, code: 'token_unauthorized', message: 'Not authorized to access resource' },
  origin_mismatch: {
    status: 403,
    code: 'token_unauthorized',
    message: 'With a session, Origin must be that of this server',
  },
  session_unknown: notFound,
  too_many_streams: serviceUnavailable,
  version_invalid: {
    status: 400,
    code: 'intercom_version_invalid',
    message: 'Requested resource is not available in current API version',
  },
  workspace_required: { status: 400, code: 'parameter_invalid', message: 'Cutover-Workspace is required' },
  workspace_unknown: notFound,
  request_malformed: { status: 400, code: 'client_error', message: 'Request is malformed' },
  idempotency_key_malformed: {
    status: 400,
    code: 'parameter_invalid',
    message: 'Idempotency-Key must be 1 to 255 visible ASCII characters',
  },
  body_malformed: { status: 400, code: 'parameter_invalid', message: 'Request body is invalid' },
  body_too_large: { status: 413, code: 'client_error', message: 'Request body is too large' },
  media_type: { status: 415, code: 'client_error', message: 'Content-Type must be application/json' },
  fields_invalid: { status: 422, code: 'parameter_invalid', message: 'A field is invalid' },
  invalid_state: { status: 409, code: 'conflict', message: 'Not possible in the state that it is in' },
  no_platform: { status: 422, code: 'parameter_invalid', message: 'At least one platform must be true' },
  rotated_secret: { status: 409, code: 'conflict', message: 'The secret was rotated already' },
  secret_in_use: { status: 409, code: 'conflict', message: 'The secret is in use' },
  usage_unknown: { status: 409, code: 'conflict', message: 'Whether the secret is in use is not known' },
  too_many_secrets: { status: 422, code: 'parameter_invalid', message: 'Too many live secrets' },
  secret_unknown: {
    status: 404,
    code: 'identity_verification_secret_not_found',
    message: 'Identity verification secret not found',
  },
  integrator_unknown: notFound,
  signature_missing: unauthorized,
  timestamp_malformed: unauthorized,
  timestamp_out_of_range: unauthorized,
  signature_malformed: unauthorized,
  signature_invalid: unauthorized,
  signature_replayed: unauthorized,
  too_many_signatures: { status: 429, code: 'rate_limit_exceeded', message: 'Exceeded rate limit' },
  secret_retiring: { status: 409, code: 'conflict', message: 'Only the current secret may sign this' },
  too_many_integrator_secrets: { status: 422, code: 'parameter_invalid', message: 'Too many live secrets' },
  token_unknown: notFound,
  workspace_in_use: { status: 409, code: 'conflict', message: 'The workspace has live secrets' },
  grant_refused: { status: 403, code: 'token_unauthorized', message: 'Not authorized to access resource' },
  rotated_already: { status: 409, code: 'conflict', message: 'The access token was rotated already' },
  route_unknown: notFound,
  method_unknown: notFound,
  idempotency_key_reused: {
    status: 422,
    code: 'parameter_invalid',
    message: 'Idempotency-Key was used with another request',
  },
  idempotency_still_running: {
    status: 409,
    code: 'conflict',
    message: 'The first request with this Idempotency-Key is still running',
  },
  idempotency_answer_destroyed: {
    status: 409,
    code: 'conflict',
    message: 'The answer to this Idempotency-Key was destroyed together with its secret',
  },
  rate_limit_exceeded: { status: 429, code: 'rate_limit_exceeded', message: 'Exceeded rate limit' },
  server_error: { status: 500, code: 'server_error', message: 'Internal server error' },
  store_unavailable: serviceUnavailable,
  lease_lost: serviceUnavailable,
  too_many_lookups: serviceUnavailable,
  too_busy: serviceUnavailable,
}

export const errorListDialect: Dialect = {
  refuse(refusal, request, reply) {
    const { status } = answers[refusal.kind]
    if (status === 401) reply.header('www-authenticate', authenticateChallenge(request))
    setRetryAfter(status, refusal.details, reply)
    return reply.code(status).type('application/json').send(errorListBody(refusal, request.id))
  },
}

export function errorListBody(refusal: Refusal, requestId: string): ErrorList {
  const { code, message } = answers[refusal.kind]
  const { detail, faults } = refusal.details
  const errors = faults ? faults.map(toEntry) : [{ code, message: detail ?? exceededMessage(refusal) ?? message }]
  return { type: 'error.list', request_id: requestId, errors }
}

function exceededMessage({ details: { exceeded } }: Refusal): string | undefined {
  return exceeded && `Exceeded rate limit of ${exceeded.limit} in ${limits.rateLimitWindowSeconds}_seconds`
}

function toEntry({ field, message, isTypeMismatch }: FieldFault): ErrorListEntry {
  const code = isTypeMismatch ? 'type_mismatch' : 'parameter_invalid'
  return field === '' ? { code, message } : { code, message, field }
}
