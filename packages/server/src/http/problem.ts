import { type Problem, type ProblemCode, problems } from '@cutover/contract'
import type { FastifyRequest } from 'fastify'
import { authenticateChallenge, type Dialect, setRetryAfter } from './dialect.ts'
import type { Refusal, RefusalKind } from './refusal.ts'

interface Answer {
  readonly code: ProblemCode
  readonly detail: string
}

const serviceUnavailable: Answer = { code: 'service_unavailable', detail: 'Try again in a moment' }
const notFound: Answer = { code: 'not_found', detail: 'There is nothing at this path' }

/** The native dialect. Where a refusal has a detail of its own, that stands in place of the one here. */
const answers: Readonly<Record<RefusalKind, Answer>> = {
  token_invalid: {
    code: 'unauthorized',
    detail: 'The access token is missing, malformed, unknown, expired or revoked',
  },
  scope_missing: { code: 'token_unauthorized', detail: 'The access token lacks the scope that this needs' },
  origin_mismatch: { code: 'origin_mismatch', detail: 'With a session, Origin must be that of this server' },
  session_unknown: { code: 'not_found', detail: 'This came with an access token: there is no session to end' },
  too_many_streams: { code: 'service_unavailable', detail: 'This process serves as many live views as it may' },
  workspace_required: {
    code: 'workspace_required',
    detail: 'This token serves several workspaces: name one in the header Cutover-Workspace',
  },
  workspace_unknown: { code: 'not_found', detail: 'There is no such workspace' },
  request_malformed: { code: 'request_malformed', detail: 'The request is malformed' },
  body_malformed: { code: 'body_malformed', detail: 'Request body is invalid' },
  body_too_large: { code: 'body_too_large', detail: 'The request body is over the limit' },
  media_type: { code: 'unsupported_media_type', detail: 'Content-Type must be application/json' },
  fields_invalid: { code: 'validation_failed', detail: 'A field is invalid' },
  route_unknown: notFound,
  method_unknown: { code: 'method_not_allowed', detail: 'The header Allow names the methods that this path knows' },
  rate_limit_exceeded: {
    code: 'rate_limit_exceeded',
    detail: 'The header Retry-After says in how many seconds to try again',
  },
  server_error: { code: 'server_error', detail: 'The cause is in the log under the request id' },
  store_unavailable: serviceUnavailable,
  lease_lost: serviceUnavailable,
  too_many_lookups: serviceUnavailable,
  too_busy: serviceUnavailable,
  version_invalid: { code: 'request_malformed', detail: 'There is no such API version' },
  signature_missing: { code: 'unauthorized', detail: 'This request has to be signed' },
  timestamp_malformed: {
    code: 'timestamp_malformed',
    detail: 'X-Timestamp must be Unix milliseconds: exactly 13 digits',
  },
  timestamp_out_of_range: {
    code: 'timestamp_out_of_range',
    detail: 'X-Timestamp must be within 300 seconds of the time here: sign again with the time from serverTime',
  },
  signature_malformed: {
    code: 'signature_malformed',
    detail: 'X-Signature must be sha256= and 64 lowercase hex digits',
  },
  signature_invalid: {
    code: 'signature_invalid',
    detail: 'No secret that is accepted for this X-Integrator-Key made this signature over this request',
  },
  signature_replayed: {
    code: 'signature_replayed',
    detail: 'Each signature is accepted once: sign again with a new timestamp',
  },
  too_many_signatures: {
    code: 'rate_limit_exceeded',
    detail: 'Too many signatures are remembered: the header Retry-After says in how many seconds one may go',
  },
  secret_retiring: { code: 'rotation_conflict', detail: 'Only the current secret may sign this' },
  too_many_integrator_secrets: { code: 'limit_reached', detail: 'Too many live secrets' },
  integrator_unknown: { code: 'not_found', detail: 'There is no such integrator' },
  token_unknown: { code: 'not_found', detail: 'There is no such access token' },
  grant_refused: { code: 'token_unauthorized', detail: 'The access token may not grant this' },
  rotated_already: { code: 'rotation_conflict', detail: 'The access token was rotated already' },
  workspace_in_use: { code: 'invalid_state', detail: 'The workspace has live secrets: delete them first' },
  secret_unknown: { code: 'not_found', detail: 'There is no such secret' },
  invalid_state: { code: 'invalid_state', detail: 'Not possible in the state that it is in' },
  no_platform: { code: 'validation_failed', detail: 'At least one platform must be true' },
  rotated_secret: { code: 'rotation_conflict', detail: 'The secret was rotated already' },
  secret_in_use: { code: 'secret_in_use', detail: 'The secret verified something in that time' },
  usage_unknown: { code: 'usage_unknown', detail: 'A node has not told yet what it verified: try again in a moment' },
  too_many_secrets: { code: 'limit_reached', detail: 'Too many live secrets' },
  idempotency_key_malformed: {
    code: 'request_malformed',
    detail: 'Idempotency-Key must be 1 to 255 visible ASCII characters',
  },
  idempotency_key_reused: { code: 'idempotency_key_reused', detail: 'Take a new key for a new request' },
  idempotency_still_running: { code: 'idempotency_conflict', detail: 'The first request is still running' },
  idempotency_answer_destroyed: {
    code: 'idempotency_conflict',
    detail: 'The answer was destroyed together with its secret',
  },
}

export const problemDialect: Dialect = {
  refuse(refusal, request, reply) {
    const body = problemBody(refusal, request)
    if (body.status === 401) reply.header('www-authenticate', authenticateChallenge(request))
    setRetryAfter(body.status, refusal.details, reply)
    if (body.status === 405) reply.header('allow', refusal.details.allow ?? '')
    return reply.code(body.status).type('application/problem+json').send(body)
  },
}

export function problemBody(refusal: Refusal, request: Pick<FastifyRequest, 'id' | 'url'>): Problem {
  const { code, detail } = answers[refusal.kind]
  const { status, title } = problems[code]
  const { faults } = refusal.details
  return {
    type: `urn:cutover:problem:${code}`,
    title,
    status,
    detail: refusal.details.detail ?? faults?.map(({ message }) => message).join('; ') ?? detail,
    instance: `${pathOf(request.url)}#${request.id}`,
    code,
    ...(faults ? { errors: faults.map(({ field, message }) => ({ field, message })) } : {}),
  }
}

/** Without the query, which may hold what a log should not. */
function pathOf(url: string): string {
  const end = url.indexOf('?')
  return end === -1 ? url : url.slice(0, end)
}
