import { describe, expect, it } from 'vitest'
import { heardNodes } from './heard-nodes.ts'

const now = 1_000_000
const own = { processId: 'proc_a', nodeId: 'node_a', countedUntilMs: now }
const nodeA = { nodeId: 'node_a', fenced: false, outwaitedInMs: 12_000, startedAtMs: 0 }
const nodeB = { nodeId: 'node_b', fenced: false, outwaitedInMs: 12_000, startedAtMs: 500 }
const reportB = { processId: 'proc_b', nodeId: 'node_b', countedUntilMs: now - 2000, endedAtMs: null }

function heard(nodes: Parameters<typeof heardNodes>[0], reports: Parameters<typeof heardNodes>[1]) {
  return heardNodes(nodes, reports, own, now)
}

describe('what is heard of the nodes', () => {
  it('reaches as far as the one that told least', () => {
    expect(heard([nodeA, nodeB], [reportB])).toEqual({ untilMs: now - 2000, silent: [], lostUntilMs: null })
  })

  it('names a node that has told nothing for more than six seconds', () => {
    const told = (ms: number) => heard([nodeA, nodeB], [{ ...reportB, countedUntilMs: now - ms }]).silent
    expect(told(6000)).toEqual([])
    expect(told(6001)).toEqual([{ nodeId: 'node_b', sinceMs: now - 6001 }])
  })

  it('knows nothing of a node before its first report', () => {
    expect(heard([nodeA, nodeB], [])).toMatchObject({ untilMs: 500, silent: [{ nodeId: 'node_b', sinceMs: 500 }] })
  })

  it('names this very node when it cannot write', () => {
    const stuck = heardNodes([nodeA], [], { ...own, countedUntilMs: now - 6001 }, now)
    expect(stuck).toMatchObject({ untilMs: now - 6001, silent: [{ nodeId: 'node_a' }] })
  })

  it('waits for no node whose lease nobody can use any more, and takes its last seconds for lost', () => {
    const dead = { ...nodeB, outwaitedInMs: -3000 }
    expect(heard([nodeA, dead], [reportB])).toEqual({ untilMs: now, silent: [], lostUntilMs: null })
    const killed = { ...reportB, countedUntilMs: now - 20_000 }
    expect(heard([nodeA, dead], [killed])).toEqual({ untilMs: now, silent: [], lostUntilMs: now - 3000 })
    expect(heard([nodeA, { ...dead, fenced: true, outwaitedInMs: 5000 }], [killed]).lostUntilMs).toBe(now)
  })

  it('takes whoever is on no list any more, and did not say goodbye, for lost until now', () => {
    expect(heard([nodeA], [reportB]).lostUntilMs).toBe(now)
    expect(heard([nodeA], [{ ...reportB, endedAtMs: now - 100 }]).lostUntilMs).toBe(now - 100)
  })

  it('has nothing to hold against a process that told everything before it ended, on the list or not', () => {
    const done = { ...reportB, countedUntilMs: now - 50_000, endedAtMs: now - 50_000 }
    const nothing = { untilMs: now, silent: [], lostUntilMs: null }
    expect(heard([nodeA], [done])).toEqual(nothing)
    expect(heard([nodeA, nodeB], [done])).toEqual(nothing)
  })
})
