import { bearer, json, nativeErrors } from './answers.ts'
import { NodeList } from './nodes.ts'

export const nodeOperations = {
  listNodes: {
    operationId: 'listNodes',
    tags: ['Service'],
    summary: 'List the nodes',
    description: 'Every process that serves this store, and how far it has followed it. Scope: `manage_workspaces`.',
    security: bearer,
    response: { 200: json('The nodes', NodeList), ...nativeErrors },
  },
} as const
