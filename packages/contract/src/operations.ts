import { type TSchema, Type } from 'typebox'
import { ErrorList } from './error-list.ts'
import { responseHeaders } from './headers.ts'
import { Health, Liveness, Readiness } from './health.ts'
import { Problem } from './problem.ts'
import {
  CreatedSecureModeSecret,
  CreateSecureModeSecret,
  SecureModeSecretList,
  SecureModeSecretParams,
} from './secure-mode-secrets.ts'
import { BatchRequest, BatchResponse, VerificationRequest, VerificationResult } from './verifications.ts'

/** One status of one operation, in the form that Fastify and its OpenAPI plugin read. */
interface Answer {
  readonly description: string
  readonly headers?: Record<string, TSchema>
  readonly content: Record<string, { schema: TSchema }>
}

const json = (description: string, schema: TSchema, headers: Record<string, TSchema> = {}): Answer => ({
  description,
  headers: { ...responseHeaders.requestId, ...headers },
  content: { 'application/json': { schema } },
})

const problem = (description: string, headers: Record<string, TSchema> = {}): Answer => ({
  description,
  headers: { ...responseHeaders.requestId, ...headers },
  content: { 'application/problem+json': { schema: Problem } },
})

const errorList = (description: string, headers: Record<string, TSchema> = {}): Answer =>
  json(description, ErrorList, headers)

const identityTag = 'Identity Verification Secrets'

const intercomErrors = {
  400: errorList('Unreadable body, or an Intercom-Version that does not exist'),
  401: errorList('No token, or one that is malformed, unknown, expired or revoked', responseHeaders.authenticate),
  403: errorList('The token lacks the scope'),
  404: errorList('Not found'),
  500: errorList('Internal server error'),
  503: errorList('No store, or no lease', responseHeaders.retryAfter),
}

const intercomBodyErrors = {
  409: errorList('A request with this Idempotency-Key is still running, or its answer was destroyed'),
  413: errorList('Body over 64 KiB'),
  415: errorList('Body that is not application/json'),
  422: errorList('A field is not valid, or the Idempotency-Key was used with another request'),
}

const nativeErrors = {
  400: problem('Unreadable body, or no workspace named'),
  401: problem('No token, or one that is malformed, unknown, expired or revoked', responseHeaders.authenticate),
  403: problem('The token lacks the scope'),
  404: problem('Not found'),
  405: problem('Method not allowed', responseHeaders.allow),
  500: problem('Internal server error'),
  503: problem('No store, or no lease', responseHeaders.retryAfter),
}

const nativeBodyErrors = {
  413: problem('Body too large'),
  415: problem('Body that is not application/json'),
  422: problem('A field is not valid'),
}

const bearer = [{ accessToken: [] as string[] }]

const IntercomHeaders = Type.Object({
  'intercom-version': Type.Optional(
    Type.String({ description: 'Preview, 1.0 to 1.4, or 2.0 to 2.17; all are answered in the Preview shape' }),
  ),
  'cutover-workspace': Type.Optional(Type.String({ description: 'The workspace an instance token acts in' })),
})

const WorkspaceHeader = Type.Object({ 'cutover-workspace': IntercomHeaders.properties['cutover-workspace'] })

/**
 * Every operation that is served: what it takes, what it answers, and the words for its documentation. The server
 * validates with these schemas and builds the OpenAPI document from them.
 */
export const operations = {
  listSecureModeSecrets: {
    operationId: 'listSecureModeSecrets',
    tags: [identityTag],
    summary: 'List identity verification secrets',
    description: 'Oldest first, deleted ones absent. Scope: `read_secure_mode_secret` or `read_all`.',
    security: bearer,
    headers: IntercomHeaders,
    response: { 200: json('The live secrets', SecureModeSecretList), ...intercomErrors },
  },
  createSecureModeSecret: {
    operationId: 'createSecureModeSecret',
    tags: [identityTag],
    summary: 'Create an identity verification secret',
    description:
      'The answer holds the secret, once. A repeat with the same Idempotency-Key within 10 minutes gets the same ' +
      'answer, byte for byte. Scope: `write_secure_mode_secret`.',
    security: bearer,
    headers: Type.Object({
      ...IntercomHeaders.properties,
      'idempotency-key': Type.Optional(Type.String({ description: '1 to 255 visible ASCII characters' })),
    }),
    body: CreateSecureModeSecret,
    response: {
      201: json('The secret, shown once', CreatedSecureModeSecret, responseHeaders.noStore),
      ...intercomErrors,
      ...intercomBodyErrors,
    },
  },
  deleteSecureModeSecret: {
    operationId: 'deleteSecureModeSecret',
    tags: [identityTag],
    summary: 'Delete an identity verification secret',
    description:
      'Once this answers, no node accepts a request sent afterwards that is signed with that secret. ' +
      'Scope: `write_secure_mode_secret`.',
    security: bearer,
    headers: IntercomHeaders,
    params: SecureModeSecretParams,
    response: {
      204: {
        description: 'Deleted',
        type: 'null',
        headers: { ...responseHeaders.requestId, ...responseHeaders.revocationEpoch },
      },
      ...intercomErrors,
      413: intercomBodyErrors[413],
      415: intercomBodyErrors[415],
    },
  },
  verify: {
    operationId: 'verify',
    tags: ['Verification'],
    summary: 'Verify a user hash or a JWT',
    description:
      'Compares with every live secret of the platform. Always 200 for a question that was understood. ' +
      'Scope: `verify`.',
    security: bearer,
    headers: WorkspaceHeader,
    body: VerificationRequest,
    response: { 200: json('The verdict', VerificationResult), ...nativeErrors, ...nativeBodyErrors },
  },
  verifyBatch: {
    operationId: 'verifyBatch',
    tags: ['Verification'],
    summary: 'Verify up to 1000 user hashes or JWTs',
    description: 'One bad item never fails the others. Scope: `verify`.',
    security: bearer,
    headers: WorkspaceHeader,
    body: BatchRequest,
    response: { 200: json('One result for each item', BatchResponse), ...nativeErrors, ...nativeBodyErrors },
  },
  health: {
    operationId: 'health',
    tags: ['Service'],
    summary: 'Check an access token',
    description: 'Tells what the presented token is and may do. Any valid token.',
    security: bearer,
    headers: WorkspaceHeader,
    response: {
      200: json('The token is valid', Health),
      401: nativeErrors[401],
      404: nativeErrors[404],
      500: nativeErrors[500],
      503: nativeErrors[503],
    },
  },
  liveness: {
    operationId: 'liveness',
    tags: ['Service'],
    summary: 'Is the process alive',
    security: [],
    response: { 200: json('Alive', Liveness) },
  },
  readiness: {
    operationId: 'readiness',
    tags: ['Service'],
    summary: 'May traffic be sent here',
    security: [],
    response: { 200: json('Ready', Readiness), 503: json('Not ready', Readiness, responseHeaders.retryAfter) },
  },
  metrics: {
    operationId: 'metrics',
    tags: ['Service'],
    summary: 'Prometheus metrics',
    description: 'Needs `Authorization: Bearer` with CUTOVER_METRICS_TOKEN where that is set.',
    security: [],
    response: {
      200: {
        description: 'Text exposition format',
        headers: responseHeaders.requestId,
        content: { 'text/plain': { schema: Type.String() } },
      },
      401: nativeErrors[401],
    },
  },
} as const
