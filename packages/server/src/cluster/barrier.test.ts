import { describe, expect, it } from 'vitest'
import { Barrier, type NodeRow } from './barrier.ts'

const waitMs = 1000
const committedAtMs = 50_000
const acknowledged = { passed: 'acknowledged', fence: [], nextLookMs: null }

function row(nodeId: string, applied: number, renewals = 3, fenced = false): NodeRow {
  return { nodeId, renewals, applied, fenced }
}

function barrier() {
  return new Barrier({ waitMs }, 8, committedAtMs)
}

describe('a barrier', () => {
  it.each([
    ['every node has acknowledged the epoch, or a later one', [row('a', 8), row('b', 12)]],
    ['whoever has not is fenced', [row('a', 8), row('b', 7, 3, true)]],
    ['there is no node', []],
  ])('passes at once when %s', (_when, rows) => {
    expect(barrier().look(rows, committedAtMs, null)).toEqual(acknowledged)
  })

  it('waits for one node that has not acknowledged the epoch, and looks less and less often', () => {
    const waiting = barrier()
    const pauses: number[] = []
    let nowMs = committedAtMs
    for (let look = 0; look < 10; look += 1) {
      const { passed, nextLookMs } = waiting.look([row('a', 8), row('b', 7)], nowMs, null)
      expect(passed).toBe('no')
      pauses.push((nextLookMs ?? 0) - nowMs)
      nowMs = nextLookMs ?? 0
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 64, 100, 100, 100])
    expect(waiting.look([row('a', 8), row('b', 8)], nowMs, null)).toEqual(acknowledged)
  })

  it('knows what its own process has applied before its row tells', () => {
    const rows = [row('a', 8), row('own', 7)]
    expect(barrier().look(rows, committedAtMs, { nodeId: 'own', applied: 7 }).passed).toBe('no')
    expect(barrier().look(rows, committedAtMs, { nodeId: 'own', applied: 8 })).toEqual(acknowledged)
    // The row of an earlier registration is one like any other.
    expect(barrier().look(rows, committedAtMs, { nodeId: 'later', applied: 8 }).passed).toBe('no')
  })

  it('waits for its own process, too, when that holds no lease', () => {
    expect(barrier().look([row('own', 7)], committedAtMs, null).passed).toBe('no')
  })

  it('passes by its own process as soon as that has applied the epoch, on what it last saw of the others', () => {
    const waiting = barrier()
    waiting.look([row('a', 8), row('own', 7)], committedAtMs, { nodeId: 'own', applied: 7 })
    expect(waiting.look(null, committedAtMs + 1, { nodeId: 'own', applied: 8 })).toEqual(acknowledged)
  })

  it('is outwaited at W after COMMIT had returned and not a moment before, even if the store cannot be read', () => {
    const blind = barrier()
    expect(blind.look(null, committedAtMs, null).passed).toBe('no')
    expect(blind.look(null, committedAtMs + waitMs - 0.01, null)).toEqual({
      passed: 'no',
      fence: [],
      nextLookMs: committedAtMs + waitMs,
    })
    expect(blind.look(null, committedAtMs + waitMs, null)).toEqual({ passed: 'outwaited', fence: [], nextLookMs: null })
  })

  it('fences who was silent for W after it was first seen, which may be later than W after the commit', () => {
    const waiting = barrier()
    waiting.look([row('a', 8), row('silent', 7, 3), row('slow', 7, 4)], committedAtMs + 5, null)
    const rows = [row('a', 8), row('silent', 7, 3), row('slow', 7, 5)]
    expect(waiting.look(rows, committedAtMs + waitMs, null)).toEqual({
      passed: 'outwaited',
      fence: [],
      nextLookMs: committedAtMs + waitMs + 5,
    })
    expect(waiting.look(rows, committedAtMs + waitMs + 5, null)).toEqual({
      passed: 'outwaited',
      fence: [{ nodeId: 'silent', renewals: 3 }],
      nextLookMs: null,
    })
  })

  it('fences nobody that acknowledged meanwhile, nor one seen for the first time at the end', () => {
    const waiting = barrier()
    waiting.look([row('a', 7)], committedAtMs, null)
    const atTheEnd = waiting.look([row('a', 8), row('b', 7)], committedAtMs + waitMs, null)
    expect(atTheEnd).toEqual({ passed: 'outwaited', fence: [], nextLookMs: null })
  })
})
