import { Type } from 'typebox'
import { accessTokenOperations } from './access-token-operations.ts'
import {
  bearer,
  IntercomHeaders,
  intercomBodyErrors,
  intercomErrors,
  json,
  nativeBodyErrors,
  nativeErrors,
  WorkspaceHeader,
} from './answers.ts'
import { auditLogOperations } from './audit-log-operations.ts'
import { Diagnosis, DiagnosisRequest } from './diagnosis.ts'
import { responseHeaders } from './headers.ts'
import { Health, Liveness, Readiness } from './health.ts'
import { identitySecretOperations } from './identity-secret-operations.ts'
import { integratorOperations } from './integrator-operations.ts'
import { nodeOperations } from './node-operations.ts'
import { rateLimited } from './rate-limited.ts'
import {
  CreatedSecureModeSecret,
  CreateSecureModeSecret,
  SecureModeSecretList,
  SecureModeSecretParams,
} from './secure-mode-secrets.ts'
import { sessionOperations } from './session-operations.ts'
import { settingsOperations } from './settings-operations.ts'
import { usageOperations } from './usage-operations.ts'
import { BatchRequest, BatchResponse, VerificationRequest, VerificationResult } from './verifications.ts'
import { workspaceOperations } from './workspace-operations.ts'

const identityTag = 'Identity Verification Secrets'

/**
 * Every operation that is served: what it takes, what it answers, and the words for its documentation. The server
 * validates with these schemas and builds the OpenAPI document from them.
 */
export const operations = rateLimited({
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
      201: json('The secret, shown once', CreatedSecureModeSecret, {
        ...responseHeaders.noStore,
        ...responseHeaders.revocationEpoch,
      }),
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
  ...identitySecretOperations,
  ...usageOperations,
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
    description:
      'One bad item never fails the others. A body has at most 1 MiB, and 25,000 names, objects and lists. ' +
      'Scope: `verify`.',
    security: bearer,
    headers: WorkspaceHeader,
    body: BatchRequest,
    response: { 200: json('One result for each item', BatchResponse), ...nativeErrors, ...nativeBodyErrors },
  },
  diagnose: {
    operationId: 'diagnose',
    tags: ['Verification'],
    summary: 'Find out why a signature does not verify',
    description:
      'Tries the mistakes that are often made against every live secret of the workspace and the 20 that ended last, ' +
      'and says what to change. Counts toward the rate limit, stands in the audit log without what was signed, and is ' +
      'never counted as a verification. Scope: `diagnose`.',
    security: bearer,
    headers: WorkspaceHeader,
    body: DiagnosisRequest,
    response: { 200: json('What was found', Diagnosis), ...nativeErrors, ...nativeBodyErrors },
  },
  ...accessTokenOperations,
  ...sessionOperations,
  ...integratorOperations,
  ...settingsOperations,
  ...workspaceOperations,
  ...nodeOperations,
  ...auditLogOperations,
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
      403: nativeErrors[403],
      404: nativeErrors[404],
      429: nativeErrors[429],
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
      429: nativeErrors[429],
    },
  },
} as const)
