import { Type } from 'typebox'
import { PageQuery } from './access-token-operations.ts'
import { bearer, json, nativeBodyErrors, nativeConflict, nativeErrors } from './answers.ts'
import { responseHeaders } from './headers.ts'
import { NameWorkspace, Workspace, WorkspaceList } from './workspaces.ts'

const tags = ['Workspaces']
const security = bearer
const params = Type.Object({ id: Type.String({ description: 'Id of a workspace' }) })
const scope = 'Scope: `manage_workspaces`.'

export const workspaceOperations = {
  createWorkspace: {
    operationId: 'createWorkspace',
    tags,
    summary: 'Create a workspace',
    description: `One for each customer, say: secrets and tokens of one never meet those of another. ${scope}`,
    security,
    body: NameWorkspace,
    response: { 201: json('The workspace', Workspace), ...nativeErrors, ...nativeBodyErrors },
  },
  listWorkspaces: {
    operationId: 'listWorkspaces',
    tags,
    summary: 'List workspaces',
    description: `Oldest first. ${scope}`,
    security,
    querystring: Type.Object(PageQuery, { additionalProperties: false }),
    response: { 200: json('One page', WorkspaceList), ...nativeErrors, 422: nativeBodyErrors[422] },
  },
  renameWorkspace: {
    operationId: 'renameWorkspace',
    tags,
    summary: 'Rename a workspace',
    description: scope,
    security,
    params,
    body: NameWorkspace,
    response: { 200: json('The workspace', Workspace), ...nativeErrors, ...nativeBodyErrors },
  },
  deleteWorkspace: {
    operationId: 'deleteWorkspace',
    tags,
    summary: 'Delete a workspace',
    description:
      'Only one without live secrets. Its tokens are revoked, and what is left of its secrets is destroyed; its audit ' +
      `log stays in the store. ${scope}`,
    security,
    params,
    response: {
      204: {
        description: 'Deleted',
        type: 'null',
        headers: { ...responseHeaders.requestId, ...responseHeaders.revocationEpoch },
      },
      ...nativeErrors,
      ...nativeConflict,
      413: nativeBodyErrors[413],
      415: nativeBodyErrors[415],
    },
  },
} as const
