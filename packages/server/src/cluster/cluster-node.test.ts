import { expect, it } from 'vitest'
import { ClusterNode, type ClusterNodePorts } from './cluster-node.ts'

const nothing = async () => {}

function portsOf(told: unknown[]): ClusterNodePorts {
  let nowMs = 0
  const refuse = async () => {
    throw new Error('unsupported startup parameter')
  }
  return {
    nodes: {
      ...{ register: refuse, renew: refuse, rows: refuse, list: refuse },
      ...{ acknowledge: nothing, leave: nothing, fence: nothing },
    },
    changes: { since: refuse, follow: refuse },
    caches: [],
    clocks: { monotonicMs: () => (nowMs += 10), wallMs: () => nowMs },
    facts: { version: '0', keyIds: [], leaseMs: 2000 },
    newNodeId: () => 'node_a',
    onLease: (isHeld, error) => told.push([isHeld, error]),
    onChange: () => {},
    onStoreWentBack: (why) => told.push(why),
    onKeysMissing: (keyIds) => told.push(keyIds),
  }
}

it('a node that starts and is given no lease tells so, and why', async () => {
  const told: unknown[] = []
  const node = new ClusterNode(portsOf(told))
  await node.join(300)
  expect(node.isHeld()).toBe(false)
  expect(told).toEqual([[false, new Error('unsupported startup parameter')]])
  await node.leave(0)
})
