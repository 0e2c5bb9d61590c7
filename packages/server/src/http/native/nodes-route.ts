import { type Node, type NodeList, operations } from '@cutover/contract'
import type { FastifyInstance } from 'fastify'
import type { CredentialCache } from '../../access-tokens/credential-cache.ts'
import type { ChangeReader, ListedNode, NodeStore } from '../../cluster/ports.ts'
import { isoTime } from '../../iso-time.ts'
import { authorize } from '../plugins/authorization.ts'
import { problemDialect } from '../problem.ts'

export interface NodesPorts {
  readonly credentials: CredentialCache
  readonly nodes: Pick<NodeStore, 'list'>
  readonly changes: ChangeReader
}

/** For the operator of the whole installation; only instance tokens can hold the scope. */
export function nodesRoute(app: FastifyInstance, ports: NodesPorts): void {
  app.get('/v1/nodes', {
    schema: operations.listNodes,
    config: { dialect: problemDialect },
    onRequest: authorize(ports.credentials, 'manage_workspaces'),
    handler: async (): Promise<NodeList> => {
      const nodes = await ports.nodes.list()
      const { current } = await ports.changes.since(Number.MAX_SAFE_INTEGER)
      return { data: nodes.map((node) => toWire(node, current)), nextCursor: null }
    },
  })
}

function toWire(node: ListedNode, current: number): Node {
  return {
    id: node.nodeId,
    version: node.version,
    state: stateOf(node),
    startedAt: isoTime(node.startedAtMs),
    appliedEpoch: node.applied,
    behindBy: Math.max(0, current - node.applied),
    leaseMs: node.leaseMs,
    leaseLeftMs: Math.floor(node.leaseLeftMs),
    masterKeyIds: [...node.keyIds],
  }
}

function stateOf({ fenced, leaseLeftMs }: ListedNode): Node['state'] {
  if (fenced) return 'fenced'
  return leaseLeftMs > 0 ? 'serving' : 'silent'
}
