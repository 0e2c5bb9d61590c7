import { Type } from 'typebox'
import { PageQuery } from './access-token-operations.ts'
import {
  type Answer,
  bearer,
  json,
  KeyedWorkspaceHeaders,
  nativeBodyErrors,
  nativeConflict,
  nativeErrors,
  WorkspaceHeader,
} from './answers.ts'
import { responseHeaders } from './headers.ts'
import {
  CreatedIntegrator,
  CreateIntegrator,
  Integrator,
  IntegratorList,
  OwnIntegrator,
  RegeneratedSecret,
  RegenerateSecret,
} from './integrators.ts'
import { RequestVerificationRequest, RequestVerificationResult } from './request-verifications.ts'
import { QuietQuery } from './usage-operations.ts'

const tags = ['Integrators']
const headers = WorkspaceHeader
const params = Type.Object({ id: Type.String({ description: 'Id of an integrator' }) })

/** What an integrator sends to show who it is: packages/signing makes these. */
const signed = [{ integratorKey: [] as string[], requestTimestamp: [] as string[], requestSignature: [] as string[] }]

/** On answers to a request that was signed with a secret on its way out, an error or not. */
function withSunset<Answers extends Readonly<Record<number, Answer>>>(answers: Answers): Answers {
  const told = Object.entries(answers).map(([status, answer]) => [
    status,
    { ...answer, headers: { ...answer.headers, ...responseHeaders.secretSunset } },
  ])
  return Object.fromEntries(told) as Answers // sound: it differs in headers alone, whose names no type tells
}

const integratorErrors = {
  400: nativeErrors[400],
  405: nativeErrors[405],
  429: nativeErrors[429],
  500: nativeErrors[500],
  503: nativeErrors[503],
}

/** A token that lacks the scope is answered with this status too, and is good for all that. */
const unauthorizedHere: Answer = {
  ...nativeErrors[401],
  headers: { ...nativeErrors[401].headers, ...responseHeaders.rateLimit },
}

export const integratorOperations = {
  ownIntegrator: {
    operationId: 'ownIntegrator',
    tags,
    summary: 'Check a signature, and see one’s own secrets',
    description:
      'Signed by the integrator: with it one checks that a new secret works before the old one ends. The answer to a ' +
      'request signed with a retiring secret says in its headers when that ends.',
    security: signed,
    response: {
      ...withSunset({ 200: json('The integrator that signed', OwnIntegrator), ...integratorErrors }),
      401: nativeErrors[401],
    },
  },
  regenerateSecret: {
    operationId: 'regenerateSecret',
    tags,
    summary: 'Regenerate the secret of an integrator',
    description:
      'Signed by the integrator with its current secret; each signature is accepted once. Or, when the secret is lost, ' +
      'with an access token of scope `write_integrators` and X-Integrator-Key. Without `oldSecretValidForSeconds` no ' +
      'node accepts an older secret once this is answered.',
    security: [...signed, ...bearer],
    headers: KeyedWorkspaceHeaders,
    body: RegenerateSecret,
    response: {
      200: json('The new secret, shown once', RegeneratedSecret, {
        ...responseHeaders.noStore,
        ...responseHeaders.revocationEpoch,
      }),
      401: unauthorizedHere,
      404: nativeErrors[404],
      413: nativeBodyErrors[413],
      ...withSunset({
        ...integratorErrors,
        ...nativeConflict,
        415: nativeBodyErrors[415],
        422: nativeBodyErrors[422],
      }),
    },
  },
  createIntegrator: {
    operationId: 'createIntegrator',
    tags,
    summary: 'Create an integrator',
    description: 'The answer holds its first secret, once. Scope: `write_integrators`.',
    security: bearer,
    headers: KeyedWorkspaceHeaders,
    body: CreateIntegrator,
    response: {
      201: json('The integrator, its secret shown once', CreatedIntegrator, responseHeaders.noStore),
      ...nativeErrors,
      ...nativeConflict,
      ...nativeBodyErrors,
    },
  },
  listIntegrators: {
    operationId: 'listIntegrators',
    tags,
    summary: 'List integrators',
    description: 'Oldest first. Scope: `read_integrators`.',
    security: bearer,
    headers,
    querystring: Type.Object(
      {
        ...PageQuery,
        overdue: Type.Optional(
          Type.Enum(['true', 'false'] as const, {
            description: 'Only those whose current secret is older than the policy allows',
          }),
        ),
      },
      { additionalProperties: false },
    ),
    response: { 200: json('One page', IntegratorList), ...nativeErrors, 422: nativeBodyErrors[422] },
  },
  readIntegrator: {
    operationId: 'readIntegrator',
    tags,
    summary: 'Read an integrator',
    description: 'Scope: `read_integrators`.',
    security: bearer,
    headers,
    params,
    response: { 200: json('The integrator', Integrator), ...nativeErrors },
  },
  deleteIntegrator: {
    operationId: 'deleteIntegrator',
    tags,
    summary: 'Delete an integrator',
    description:
      'Once this answers, no node accepts a request sent afterwards that is signed with any of its secrets. With ' +
      '`ifQuietForSeconds` only when none of them has verified anything for so long. Scope: `write_integrators`.',
    security: bearer,
    headers,
    params,
    querystring: QuietQuery,
    response: {
      204: {
        description: 'Deleted',
        type: 'null',
        headers: { ...responseHeaders.requestId, ...responseHeaders.revocationEpoch },
      },
      ...nativeErrors,
      ...nativeConflict,
      ...nativeBodyErrors,
    },
  },
  verifyRequest: {
    operationId: 'verifyRequest',
    tags: ['Verification'],
    summary: 'Verify a signed request',
    description:
      'For a gateway that receives signed requests itself. Always 200 for a question that was understood. With ' +
      '`consume` a signature is accepted once, on any node. Scope: `verify`.',
    security: bearer,
    headers,
    body: RequestVerificationRequest,
    response: { 200: json('The verdict', RequestVerificationResult), ...nativeErrors, ...nativeBodyErrors },
  },
} as const
