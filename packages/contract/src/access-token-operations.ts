import { Type } from 'typebox'
import { AccessTokenList, CreateAccessToken, CreatedAccessToken, RotateAccessToken } from './access-tokens.ts'
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
import { limits } from './limits.ts'

const tags = ['Access tokens']
const security = bearer
const headers = WorkspaceHeader
const params = Type.Object({ id: Type.String({ description: 'Id of an access token' }) })

/** `limit` and `cursor`, as text: a query knows no numbers. */
export const PageQuery = {
  limit: Type.Optional(
    Type.String({
      description: `1 to ${limits.pageSize}, ${limits.defaultPageSize} by default`,
    }),
  ),
  cursor: Type.Optional(Type.String({ description: 'The nextCursor of the page before' })),
}

export const accessTokenOperations = {
  createAccessToken: {
    operationId: 'createAccessToken',
    tags,
    summary: 'Create an access token',
    description:
      'The answer holds the token, once. Nobody can grant a scope that they lack, nor a life longer than their own. ' +
      'Scope: `write_access_tokens`; for an instance token `manage_workspaces` as well.',
    security,
    headers: KeyedWorkspaceHeaders,
    body: CreateAccessToken,
    response: {
      201: json('The token, shown once', CreatedAccessToken, responseHeaders.noStore),
      ...nativeErrors,
      ...nativeConflict,
      ...nativeBodyErrors,
    },
  },
  listAccessTokens: {
    operationId: 'listAccessTokens',
    tags,
    summary: 'List access tokens',
    description:
      'Those of the workspace, or with `instance=true` those of none. Scope: `read_access_tokens`; for instance ' +
      'tokens `manage_workspaces` as well.',
    security,
    headers,
    querystring: Type.Object(
      {
        ...PageQuery,
        instance: Type.Optional(Type.Enum(['true', 'false'] as const, { description: 'Those of no workspace' })),
        overdue: Type.Optional(
          Type.Enum(['true', 'false'] as const, {
            description: 'Only unexpired ones that are older than the policy allows',
          }),
        ),
      },
      { additionalProperties: false },
    ),
    response: { 200: json('One page', AccessTokenList), ...nativeErrors, 422: nativeBodyErrors[422] },
  },
  revokeAccessToken: {
    operationId: 'revokeAccessToken',
    tags,
    summary: 'Revoke an access token',
    description:
      'Once this answers, no node accepts a request sent afterwards with that token. With `cascade=true` everything ' +
      'it made is revoked as well. Scope: `write_access_tokens`.',
    security,
    headers,
    params,
    querystring: Type.Object(
      { cascade: Type.Optional(Type.Enum(['true', 'false'] as const, { description: 'Also what it made' })) },
      { additionalProperties: false },
    ),
    response: {
      204: {
        description: 'Revoked, now or before',
        type: 'null',
        headers: { ...responseHeaders.requestId, ...responseHeaders.revocationEpoch },
      },
      ...nativeErrors,
      413: nativeBodyErrors[413],
      415: nativeBodyErrors[415],
      422: nativeBodyErrors[422],
    },
  },
  rotateAccessToken: {
    operationId: 'rotateAccessToken',
    tags,
    summary: 'Rotate an access token',
    description:
      'The new token has the name, the scopes, the environment and the end of the old one, and what the old one made ' +
      'counts as made by it. Scope: `write_access_tokens`, and every scope of the token.',
    security,
    headers: KeyedWorkspaceHeaders,
    params,
    body: RotateAccessToken,
    response: {
      201: json('The new token, shown once', CreatedAccessToken, responseHeaders.noStore),
      ...nativeErrors,
      ...nativeConflict,
      ...nativeBodyErrors,
    },
  },
} as const
