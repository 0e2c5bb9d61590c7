import { describe, expect, it } from 'vitest'
import { leaseTiming } from './lease-timing.ts'
import { NodeProtocol } from './node-protocol.ts'
import type { StoreRequest } from './store-requests.ts'

/** L = 1000: usable for 990, renewed every 100, tried again after 10. */
const timing = leaseTiming(1000)

function startNode() {
  const time = { nowMs: 40_000 }
  const told: (number | 'drop')[] = []
  let ids = 0
  const node = new NodeProtocol<{ readonly epoch: number }>({
    timing,
    clock: { nowMs: () => time.nowMs },
    memory: { apply: ({ epoch }) => told.push(epoch), dropAll: () => told.push('drop') },
    newNodeId: () => {
      ids += 1
      return `node_${ids}`
    },
  })
  /** The one request due that is of this kind; whatever else is due is an error. */
  const due = <Kind extends StoreRequest['kind']>(kind: Kind) => {
    const [request, ...more] = node.requestsDue()
    expect([request?.kind, ...more.map((each) => each.kind)]).toEqual([kind])
    return request as Extract<StoreRequest, { kind: Kind }> // sound: asserted above
  }
  const changes = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, index) => ({ epoch: from + index }))
  return { node, time, told, due, changes }
}

/** A node that was registered at epoch 7, with its lease counting from 40,000. */
function memberNode() {
  const started = startNode()
  started.node.registered(started.due('register'), { epoch: 7, storeTimeMs: 1_000_000 })
  return started
}

/** A member that knows of epoch 9, whose read of changes is under way. */
function readingNode() {
  const member = memberNode()
  member.node.reach(9)
  return { ...member, read: member.due('read_changes') }
}

describe('a node that joins', () => {
  it('holds no lease before it is registered, and starts with an empty memory at the epoch of that', () => {
    const { node, told, due } = startNode()
    expect(node.isHeld()).toBe(false)
    expect(node.nextTurnMs()).toBe(0)
    const request = due('register')
    expect(request).toEqual({ kind: 'register', nodeId: 'node_1' })
    expect(node.isHeld()).toBe(false)
    expect(node.nextTurnMs()).toBe(Number.POSITIVE_INFINITY)
    node.registered(request, { epoch: 7, storeTimeMs: 0 })
    expect(node.isHeld()).toBe(true)
    expect(node.applied).toBe(7)
    expect(node.status).toEqual({ kind: 'member', nodeId: 'node_1' })
    expect(told).toEqual(['drop'])
    expect(node.requestsDue()).toEqual([])
  })

  it('tries again under another id when its registration failed, and takes the late reply for nobody’s', () => {
    const { node, time, due } = startNode()
    const first = due('register')
    node.failed(first)
    expect(node.nextTurnMs()).toBe(10)
    time.nowMs += 10
    const second = due('register')
    expect(second.nodeId).toBe('node_2')
    node.registered(first, { epoch: 7, storeTimeMs: 0 })
    expect(node.status).toEqual({ kind: 'joining' })
    node.registered(second, { epoch: 8, storeTimeMs: 0 })
    expect(node.status).toEqual({ kind: 'member', nodeId: 'node_2' })
  })
})

describe('a lease', () => {
  it('counts from before it was asked for, and is over at its last instant', () => {
    const { node, time, due } = startNode()
    const request = due('register')
    time.nowMs += 400
    node.registered(request, { epoch: 7, storeTimeMs: 0 })
    time.nowMs = 40_000 + timing.usableMs - 0.001
    expect(node.isHeld()).toBe(true)
    time.nowMs = 40_000 + timing.usableMs
    expect(node.isHeld()).toBe(false)
  })

  it('tells what is left of it: nothing before it is granted, nor once it is over', () => {
    const { node, time, due } = startNode()
    expect(node.leaseLeftMs()).toBe(0)
    const request = due('register')
    time.nowMs += 400
    expect(node.leaseLeftMs()).toBe(0)
    node.registered(request, { epoch: 7, storeTimeMs: 0 })
    expect(node.leaseLeftMs()).toBe(timing.usableMs - 400)
    time.nowMs += 5000
    expect(node.leaseLeftMs()).toBe(0)
  })

  it('is renewed every tenth of it, counted from the reading', () => {
    const { node, time, due } = memberNode()
    expect(node.nextTurnMs()).toBe(100)
    time.nowMs += 99
    expect(node.requestsDue()).toEqual([])
    time.nowMs += 1
    const renewal = due('renew')
    expect(renewal).toEqual({ kind: 'renew', nodeId: 'node_1', applied: 7 })
    time.nowMs += 30
    node.renewed(renewal, { epoch: 7, storeTimeMs: 0 })
    expect(node.nextTurnMs()).toBe(70)
    time.nowMs = 40_100 + timing.usableMs - 1
    expect(node.isHeld()).toBe(true)
  })

  it('that comes with an epoch still to be applied is of no use before that', () => {
    const { node, time, told, due, changes } = memberNode()
    time.nowMs += timing.usableMs
    const renewal = due('renew')
    node.renewed(renewal, { epoch: 9, storeTimeMs: 0 })
    expect(node.isHeld()).toBe(false)
    const read = due('read_changes')
    expect(read).toEqual({ kind: 'read_changes', since: 7 })
    node.changesRead(read, { current: 9, changes: changes(8, 9) })
    expect(told).toEqual(['drop', 8, 9])
    expect(node.isHeld()).toBe(true)
  })

  it('goes on until its end while the next one waits for its epoch', () => {
    const { node, time, due } = memberNode()
    time.nowMs += 100
    node.renewed(due('renew'), { epoch: 9, storeTimeMs: 0 })
    expect(node.isHeld()).toBe(true)
    time.nowMs = 40_000 + timing.usableMs
    expect(node.isHeld()).toBe(false)
  })

  it('that waits for its epoch is not renewed before it is over, and then given up', () => {
    const { node, time, due, changes } = memberNode()
    time.nowMs += 100
    node.renewed(due('renew'), { epoch: 9, storeTimeMs: 0 })
    const read = due('read_changes')
    expect(node.nextTurnMs()).toBe(timing.usableMs)
    time.nowMs += timing.usableMs
    const renewal = due('renew')
    node.changesRead(read, { current: 9, changes: changes(8, 9) })
    expect(node.isHeld()).toBe(false)
    node.renewed(renewal, { epoch: 9, storeTimeMs: 0 })
    expect(node.isHeld()).toBe(true)
  })

  it('may be renewed after it ran out, as long as nobody fenced the node', () => {
    const { node, time, told, due } = memberNode()
    time.nowMs += 50_000
    const renewal = due('renew')
    expect(node.isHeld()).toBe(false)
    node.renewed(renewal, { epoch: 7, storeTimeMs: 0 })
    expect(node.isHeld()).toBe(true)
    expect(told).toEqual(['drop'])
  })

  it('is not prolonged by a reply to a renewal that had failed, nor by one that comes twice', () => {
    const { node, time, due } = memberNode()
    time.nowMs += 100
    const first = due('renew')
    node.failed(first)
    time.nowMs += 10
    const second = due('renew')
    node.renewed(first, { epoch: 7, storeTimeMs: 0 })
    time.nowMs = 40_000 + timing.usableMs
    expect(node.isHeld()).toBe(false)
    node.renewed(second, { epoch: 7, storeTimeMs: 0 })
    expect(node.isHeld()).toBe(true)
    node.renewed(second, null)
    expect(node.isHeld()).toBe(true)
  })

  it('is gone at once when the row is fenced, and memory with it; the node joins under another id', () => {
    const { node, time, told, due } = memberNode()
    time.nowMs += 100
    node.renewed(due('renew'), null)
    expect(node.isHeld()).toBe(false)
    expect(told).toEqual(['drop', 'drop'])
    const again = due('register')
    expect(again.nodeId).toBe('node_2')
    node.registered(again, { epoch: 30, storeTimeMs: 0 })
    expect(node.applied).toBe(30)
    expect(node.isHeld()).toBe(true)
    expect(told).toEqual(['drop', 'drop', 'drop'])
  })
})

describe('the changes', () => {
  it('are applied in order, each once, and acknowledged after that', () => {
    const { node, told, due, changes, read } = readingNode()
    node.changesRead(read, { current: 9, changes: changes(8, 9) })
    expect(told).toEqual(['drop', 8, 9])
    const acknowledgement = due('acknowledge')
    expect(acknowledgement).toEqual({ kind: 'acknowledge', nodeId: 'node_1', epoch: 9 })
    node.changesRead(read, { current: 9, changes: changes(8, 9) })
    expect(told).toEqual(['drop', 8, 9])
    node.acknowledged(acknowledgement)
    expect(node.requestsDue()).toEqual([])
  })

  it.each([
    ['at their start', [9, 10]],
    ['in their middle', [8, 10]],
    ['at their end', [8, 9]],
    ['everywhere', []],
  ])('drop everything when some were pruned %s, and go on from the current epoch', (_where, kept) => {
    const { node, told, due, read } = readingNode()
    node.changesRead(read, { current: 10, changes: kept.map((epoch) => ({ epoch })) })
    expect(told).toEqual(['drop', 'drop'])
    expect(node.applied).toBe(10)
    expect(due('acknowledge').epoch).toBe(10)
  })

  it('are read again when something changed while they were read', () => {
    const { node, changes, read } = readingNode()
    node.poke()
    expect(node.requestsDue()).toEqual([])
    node.changesRead(read, { current: 9, changes: changes(8, 9) })
    expect(node.requestsDue().map(({ kind }) => kind)).toEqual(['read_changes', 'acknowledge'])
    expect(node.requestsDue()).toEqual([])
  })

  it('are read again a little later when that failed, poked or not', () => {
    const { node, time, due } = memberNode()
    node.poke()
    node.failed(due('read_changes'))
    expect(node.requestsDue()).toEqual([])
    expect(node.nextTurnMs()).toBe(10)
    time.nowMs += 10
    expect(due('read_changes').since).toBe(7)
  })

  it('that were asked for by an earlier registration are nobody’s', () => {
    const { node, time, told, changes, due, read } = readingNode()
    time.nowMs += 100
    node.renewed(due('renew'), null)
    node.registered(due('register'), { epoch: 12, storeTimeMs: 0 })
    node.changesRead(read, { current: 13, changes: changes(8, 13) })
    expect(node.applied).toBe(12)
    expect(told).toEqual(['drop', 'drop', 'drop'])
  })

  it('are acknowledged by a renewal as well', () => {
    const { node, time, changes, read } = readingNode()
    node.changesRead(read, { current: 9, changes: changes(8, 9) })
    time.nowMs += 100
    const [renewal, acknowledgement] = node.requestsDue()
    expect(renewal).toEqual({ kind: 'renew', nodeId: 'node_1', applied: 9 })
    if (renewal?.kind !== 'renew' || !acknowledgement) throw new Error('two requests were due')
    node.renewed(renewal, { epoch: 9, storeTimeMs: 0 })
    node.failed(acknowledgement)
    time.nowMs += 20
    expect(node.requestsDue()).toEqual([])
  })

  it('are acknowledged again when that failed', () => {
    const { node, time, changes, due, read } = readingNode()
    node.changesRead(read, { current: 9, changes: changes(8, 9) })
    node.failed(due('acknowledge'))
    time.nowMs += 9
    expect(node.requestsDue()).toEqual([])
    time.nowMs += 1
    expect(due('acknowledge').epoch).toBe(9)
  })
})

describe('a store that went back in time', () => {
  it.each(['renewal', 'read'])('is noticed by a %s, and nothing is answered any more', (by) => {
    const { node, time, told, due } = memberNode()
    time.nowMs += 100
    if (by === 'renewal') node.renewed(due('renew'), { epoch: 6, storeTimeMs: 0 })
    else {
      node.renewed(due('renew'), { epoch: 7, storeTimeMs: 0 })
      node.poke()
      node.changesRead(due('read_changes'), { current: 6, changes: [] })
    }
    expect(node.status).toEqual({ kind: 'store_went_back', known: 7, found: 6 })
    expect(node.isHeld()).toBe(false)
    expect(told).toEqual(['drop', 'drop'])
    time.nowMs += 100_000
    expect(node.requestsDue()).toEqual([])
    expect(node.nextTurnMs()).toBe(Number.POSITIVE_INFINITY)
  })

  it('is noticed when it does not hold what this node has committed', () => {
    const { node, read } = readingNode()
    node.changesRead(read, { current: 8, changes: [{ epoch: 8 }] })
    expect(node.status).toEqual({ kind: 'store_went_back', known: 9, found: 8 })
  })

  it('is noticed by a node that joins it again', () => {
    const { node, time, due } = memberNode()
    time.nowMs += 100
    node.renewed(due('renew'), null)
    node.registered(due('register'), { epoch: 6, storeTimeMs: 0 })
    expect(node.status).toEqual({ kind: 'store_went_back', known: 7, found: 6 })
  })

  it('is not suspected when a reply was overtaken by a later one', () => {
    const { node, time, due, changes } = memberNode()
    time.nowMs += 100
    const renewal = due('renew')
    node.poke()
    node.changesRead(due('read_changes'), { current: 9, changes: changes(8, 9) })
    node.renewed(renewal, { epoch: 7, storeTimeMs: 0 })
    expect(node.isHeld()).toBe(true)
    expect(node.applied).toBe(9)
  })
})

describe('a node that leaves', () => {
  it('ends its lease at once, waits for a renewal under way, and then deletes its row', () => {
    const { node, time, due } = memberNode()
    time.nowMs += 100
    const renewal = due('renew')
    node.leave()
    expect(node.isHeld()).toBe(false)
    expect(node.requestsDue()).toEqual([])
    node.renewed(renewal, { epoch: 7, storeTimeMs: 0 })
    expect(node.isHeld()).toBe(false)
    const leave = due('leave')
    expect(leave).toEqual({ kind: 'leave', nodeId: 'node_1' })
    node.left(leave)
    expect(node.status).toEqual({ kind: 'left' })
    expect(node.nextTurnMs()).toBe(Number.POSITIVE_INFINITY)
  })

  it('holds no lease by a registration that was under way, and deletes its row', () => {
    const { node, told, due } = startNode()
    const register = due('register')
    node.leave()
    node.registered(register, { epoch: 7, storeTimeMs: 0 })
    expect(node.isHeld()).toBe(false)
    expect(told).toEqual([])
    expect(due('leave').nodeId).toBe('node_1')
  })

  it('deletes the row of a registration that was never answered, and tries until it has', () => {
    const { node, time, due } = startNode()
    const register = due('register')
    node.leave()
    node.failed(register)
    time.nowMs += 10
    const leave = due('leave')
    expect(leave.nodeId).toBe('node_1')
    node.failed(leave)
    time.nowMs += 10
    node.left(due('leave'))
    expect(node.status).toEqual({ kind: 'left' })
  })

  it('has nothing to do when it never came', () => {
    const { node } = startNode()
    node.leave()
    expect(node.status).toEqual({ kind: 'left' })
    expect(node.requestsDue()).toEqual([])
  })
})

describe('the store’s time on a node', () => {
  it('is that of the last lease and what the lease clock counted since it was asked for', () => {
    const { node, time, due } = startNode()
    const request = due('register')
    time.nowMs += 30
    node.registered(request, { epoch: 7, storeTimeMs: 1_000_000 })
    expect(node.storeTimeMs()).toBe(1_000_030)
    time.nowMs += 70
    const renewal = due('renew')
    time.nowMs += 5
    node.renewed(renewal, { epoch: 7, storeTimeMs: 1_000_120 })
    expect(node.storeTimeMs()).toBe(1_000_125)
  })

  it('never goes back, though the store’s clock did', () => {
    const { node, time, due } = memberNode()
    time.nowMs += 100
    expect(node.storeTimeMs()).toBe(1_000_100)
    node.renewed(due('renew'), { epoch: 7, storeTimeMs: 400_000 })
    expect(node.storeTimeMs()).toBe(1_000_100)
  })

  it('goes no further than the lease, though a clock was set forward', () => {
    const { node, time, due } = memberNode()
    time.nowMs += 600_000
    expect(node.storeTimeMs()).toBe(1_000_000 + timing.usableMs)
    node.renewed(due('renew'), { epoch: 7, storeTimeMs: 1_000_995 })
    expect(node.storeTimeMs()).toBe(1_000_995)
  })

  it('is not to be had before the first lease', () => {
    expect(() => startNode().node.storeTimeMs()).toThrow('a node without a lease has no store time')
  })
})
