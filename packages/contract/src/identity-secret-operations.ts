import { Type } from 'typebox'
import { PageQuery } from './access-token-operations.ts'
import {
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
  CreatedIdentitySecret,
  CreateIdentitySecret,
  DisableIdentitySecret,
  EditIdentitySecret,
  IdentitySecret,
  IdentitySecretList,
  RetireIdentitySecret,
  RotateIdentitySecret,
} from './identity-secrets.ts'

const tags = ['Identity secrets']
const security = bearer
const headers = WorkspaceHeader
const params = Type.Object({ id: Type.String({ description: 'Id of an identity secret' }) })
const mayWrite = 'Scope: `write_secure_mode_secret`.'
const changed = json('The secret', IdentitySecret, responseHeaders.revocationEpoch)
const errors = { ...nativeErrors, ...nativeConflict, ...nativeBodyErrors }
const bodiless = { ...nativeErrors, ...nativeConflict, 413: nativeBodyErrors[413], 415: nativeBodyErrors[415] }

export const identitySecretOperations = {
  listIdentitySecrets: {
    operationId: 'listIdentitySecrets',
    tags,
    summary: 'List identity secrets',
    description: 'Live ones, or with `state=all` the dead as well. Scope: `read_secure_mode_secret`.',
    security,
    headers,
    querystring: Type.Object(
      {
        ...PageQuery,
        state: Type.Optional(Type.Enum(['live', 'all'] as const, { description: 'live by default' })),
        overdue: Type.Optional(
          Type.Enum(['true', 'false'] as const, {
            description: 'Only live ones that are older than the policy allows',
          }),
        ),
      },
      { additionalProperties: false },
    ),
    response: { 200: json('One page', IdentitySecretList), ...nativeErrors, 422: nativeBodyErrors[422] },
  },
  readIdentitySecret: {
    operationId: 'readIdentitySecret',
    tags,
    summary: 'Read an identity secret',
    description: 'Deleted ones too. Scope: `read_secure_mode_secret`.',
    security,
    headers,
    params,
    response: { 200: json('The secret', IdentitySecret), ...nativeErrors },
  },
  createIdentitySecret: {
    operationId: 'createIdentitySecret',
    tags,
    summary: 'Create or import an identity secret',
    description: `The answer holds the secret, once. Once it has come, every node accepts it. ${mayWrite}`,
    security,
    headers: KeyedWorkspaceHeaders,
    body: CreateIdentitySecret,
    response: {
      201: json('The secret, shown once', CreatedIdentitySecret, {
        ...responseHeaders.noStore,
        ...responseHeaders.revocationEpoch,
      }),
      ...errors,
    },
  },
  editIdentitySecret: {
    operationId: 'editIdentitySecret',
    tags,
    summary: 'Rename a secret, or change its platforms',
    description: mayWrite,
    security,
    headers,
    params,
    body: EditIdentitySecret,
    response: { 200: changed, ...errors },
  },
  disableIdentitySecret: {
    operationId: 'disableIdentitySecret',
    tags,
    summary: 'Disable a secret',
    description: `No node accepts it once this is answered. With \`revertAfterSeconds\` it comes back by itself. ${mayWrite}`,
    security,
    headers,
    params,
    body: DisableIdentitySecret,
    response: { 200: changed, ...errors },
  },
  enableIdentitySecret: {
    operationId: 'enableIdentitySecret',
    tags,
    summary: 'Enable a disabled secret',
    description: mayWrite,
    security,
    headers,
    params,
    response: { 200: changed, ...bodiless },
  },
  retireIdentitySecret: {
    operationId: 'retireIdentitySecret',
    tags,
    summary: 'Set the end of a secret',
    description: mayWrite,
    security,
    headers,
    params,
    body: RetireIdentitySecret,
    response: { 200: changed, ...errors },
  },
  cancelRetirement: {
    operationId: 'cancelRetirement',
    tags,
    summary: 'Take back the end of a secret',
    description: `Not after it has ended. ${mayWrite}`,
    security,
    headers,
    params,
    response: { 200: changed, ...bodiless },
  },
  rotateIdentitySecret: {
    operationId: 'rotateIdentitySecret',
    tags,
    summary: 'Rotate a secret',
    description: `Makes a successor with the same platforms, and sets the end of the old one. ${mayWrite}`,
    security,
    headers: KeyedWorkspaceHeaders,
    params,
    body: RotateIdentitySecret,
    response: {
      201: json('The successor, its secret shown once', CreatedIdentitySecret, {
        ...responseHeaders.noStore,
        ...responseHeaders.revocationEpoch,
      }),
      ...errors,
    },
  },
  deleteIdentitySecret: {
    operationId: 'deleteIdentitySecret',
    tags,
    summary: 'Delete a secret',
    description:
      'Once this answers, no node accepts a request sent afterwards that is signed with it. With `ifQuietForSeconds` ' +
      `only when it has verified nothing for so long. ${mayWrite}`,
    security,
    headers,
    params,
    querystring: Type.Object(
      {
        ifQuietForSeconds: Type.Optional(
          Type.String({ pattern: '^[0-9]{1,8}$', description: 'Seconds without a use; 409 `secret_in_use` otherwise' }),
        ),
      },
      { additionalProperties: false },
    ),
    response: {
      204: {
        description: 'Deleted',
        type: 'null',
        headers: { ...responseHeaders.requestId, ...responseHeaders.revocationEpoch },
      },
      ...bodiless,
      422: nativeBodyErrors[422],
    },
  },
  restoreIdentitySecret: {
    operationId: 'restoreIdentitySecret',
    tags,
    summary: 'Restore a deleted secret',
    description: `Within 7 days, as disabled. ${mayWrite}`,
    security,
    headers,
    params,
    response: { 200: changed, ...bodiless, 422: nativeBodyErrors[422] },
  },
} as const
