import type { ChangeReader, NodeStore } from '../cluster/ports.ts'
import { soleNodeStore } from '../cluster/sole-node-store.ts'
import type { NodesRepository } from './nodes-repository.ts'
import type { OpenedStore } from './open-store.ts'
import { Store } from './store.ts'

/** The list of nodes of a store and its changes, on connections that no request can keep waiting. */
export function membersOf({ memberDb, isAlone, engine }: OpenedStore): {
  readonly nodes: NodeStore
  readonly changes: ChangeReader
} {
  const store = new Store(memberDb)
  const changes = store.read.epoch
  if (isAlone) return { nodes: soleNodeStore(store.read, Date.now), changes }
  /**
   * What may be lost: a change waits longer for an acknowledgement, a fence or a leave that a crash took back, and the
   * next renewal acknowledges again. On SQLite everything is in a transaction, which waits for its turn to write.
   */
  const casually = (work: (nodes: NodesRepository) => Promise<void>) =>
    engine === 'postgres' ? work(store.read.nodes) : store.transaction((tx) => work(tx.nodes))
  // What may not: each in a transaction, whose begin asks for a commit that is on disk. A renewal that was taken back
  // would let somebody fence a node whose lease goes on.
  const nodes: NodeStore = {
    register: (registration, known) => store.transaction((tx) => tx.nodes.register(registration, known)),
    renew: (nodeId, applied, known) => store.transaction((tx) => tx.nodes.renew(nodeId, applied, known)),
    acknowledge: (nodeId, epoch) => casually((repository) => repository.acknowledge(nodeId, epoch)),
    leave: (nodeId) => casually((repository) => repository.leave(nodeId)),
    fence: (node) => casually((repository) => repository.fence(node)),
    rows: () => store.read.nodes.rows(),
    list: () => store.read.nodes.list(),
  }
  return { nodes, changes }
}
