import { describe, expect, it } from 'vitest'
import { ChangeFeed } from './change-feed.ts'
import type { Change, ChangeReader } from './ports.ts'

/** A store in memory and a cache that remembers what it was told: the feed's own rules need no engine. */
function feedOver(stored: { current: number; changes: Change[] }) {
  const told: (number | 'drop')[] = []
  let reads = 0
  const reader: ChangeReader = {
    async since(epoch) {
      reads += 1
      return { current: stored.current, changes: stored.changes.filter((change) => change.epoch > epoch) }
    },
  }
  const cache = { apply: ({ epoch }: Change) => void told.push(epoch), dropAll: () => void told.push('drop') }
  return { feed: new ChangeFeed(reader, [cache]), told, reads: () => reads }
}

function change(epoch: number): Change {
  return { epoch, workspaceId: 'ws_a', part: 'keyset' }
}

describe('the change feed', () => {
  it('applies changes in order, each once', async () => {
    const stored = { current: 2, changes: [change(1), change(2)] }
    const { feed, told } = feedOver(stored)
    await feed.catchUp()
    stored.current = 3
    stored.changes.push(change(3))
    await feed.catchUp()
    await feed.catchUp()
    expect(told).toEqual([1, 2, 3])
    expect(feed.applied).toBe(3)
  })

  it.each([
    ['at its start', [change(2), change(3)]],
    ['in its middle', [change(1), change(3)]],
    ['at its end', [change(1), change(2)]],
    ['everywhere', []],
  ])('drops everything when changes were pruned %s, and goes on from the current epoch', async (_where, changes) => {
    const { feed, told } = feedOver({ current: 3, changes })
    await feed.catchUp()
    expect(told).toEqual(['drop'])
    expect(feed.applied).toBe(3)
  })

  it('drops everything when the store went back in time', async () => {
    const stored = { current: 2, changes: [change(1), change(2)] }
    const { feed, told } = feedOver(stored)
    await feed.catchUp()
    stored.current = 1
    await feed.catchUp()
    expect(told).toEqual([1, 2, 'drop'])
  })

  it('reaches an epoch only with a read that began after it was asked for', async () => {
    const stored = { current: 1, changes: [change(1)] }
    const { feed, told } = feedOver(stored)
    const early = feed.catchUp()
    stored.current = 2
    stored.changes.push(change(2))
    await feed.reach(2)
    await early
    expect(told.filter((each) => each === 2)).toHaveLength(1)
    expect(feed.applied).toBe(2)
  })

  it('shares one read among all who wait', async () => {
    const { feed, reads } = feedOver({ current: 1, changes: [change(1)] })
    await Promise.all(Array.from({ length: 10 }, () => feed.reach(1)))
    expect(reads()).toBe(1)
  })
})
