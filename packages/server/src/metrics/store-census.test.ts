import { describe, expect, it } from 'vitest'
import type { ListedNode } from '../cluster/ports.ts'
import type { SecretTally } from './ports.ts'
import { StoreCensus } from './store-census.ts'

const node: ListedNode = {
  ...{ nodeId: 'node_1', renewals: 1, applied: 1, fenced: false, version: '0', keyIds: [], startedAtMs: 0 },
  ...{ leaseMs: 5000, leaseLeftMs: 1, outwaitedInMs: 1000 },
}

/** A store that answers as the test says. */
function startCensus() {
  const asked = { pings: 0, tallies: 0 }
  const clock = { nowMs: 1_000_000 }
  const store = {
    ping: async () => {},
    tallies: async (nowMs: number): Promise<SecretTally[]> => [
      { kind: 'access_token', state: 'active', count: asked.tallies, overdue: 0, oldestMs: nowMs },
    ],
    nodes: async (): Promise<ListedNode[]> => [
      node,
      { ...node, fenced: true },
      { ...node, leaseLeftMs: 0 },
      { ...node, nodeId: 'node_2' },
    ],
  }
  const ports = {
    store: {
      ping() {
        asked.pings += 1
        return store.ping()
      },
      read: {
        metrics: {
          liveSecrets(nowMs: number) {
            asked.tallies += 1
            return store.tallies(nowMs)
          },
        },
      },
    },
    nodes: { list: () => store.nodes() },
    system: { nowMs: () => clock.nowMs },
  }
  const census = new StoreCensus(ports, 1)
  const counted = async () => {
    const { isStoreUp, census: latest } = await census.read()
    return [isStoreUp, latest?.tallies[0]?.count ?? null]
  }
  return { asked, clock, store, census, counted }
}

const never = () => new Promise<never>(() => {})
const refuse = () => Promise.reject(new Error('away'))

describe('what only the store knows', () => {
  it('is counted once for all who ask, at most once a minute, and not before somebody asks', async () => {
    const { asked, clock, counted } = startCensus()
    expect(asked).toEqual({ pings: 0, tallies: 0 })
    expect(await Promise.all([counted(), counted()])).toEqual([
      [true, 1],
      [true, 1],
    ])
    expect(asked).toEqual({ pings: 1, tallies: 1 })
    clock.nowMs += 59_999
    expect(await counted()).toEqual([true, 1])
    clock.nowMs += 1
    expect(await counted()).toEqual([true, 2])
    expect(asked).toEqual({ pings: 3, tallies: 2 })
  })

  it('has of the nodes those that hold a lease', async () => {
    const { census } = startCensus()
    expect((await census.read()).census?.nodes).toBe(2)
  })

  it('stays as it was last while the store is away, and nothing is counted then', async () => {
    const { asked, clock, store, counted } = startCensus()
    expect(await counted()).toEqual([true, 1])
    store.ping = refuse
    clock.nowMs += 3_600_000
    expect(await counted()).toEqual([false, 1])
    expect(asked.tallies).toBe(1)
    store.ping = async () => {}
    expect(await counted()).toEqual([true, 2])
  })

  it('keeps nobody waiting for a store that hangs, and asks that one question at a time', async () => {
    const { asked, store, counted } = startCensus()
    store.ping = never
    expect(await counted()).toEqual([false, null])
    expect(await counted()).toEqual([false, null])
    expect(asked).toEqual({ pings: 1, tallies: 0 })
  })

  it('is shown late when counting takes longer than a scrape waits', async () => {
    const { asked, clock, store, counted } = startCensus()
    const { promise, resolve } = Promise.withResolvers<SecretTally[]>()
    store.tallies = () => promise
    expect(await counted()).toEqual([true, null])
    clock.nowMs += 60_000
    expect(await counted()).toEqual([true, null])
    expect(asked.tallies).toBe(1)
    clock.nowMs -= 1
    resolve([{ kind: 'access_token', state: 'active', count: 7, overdue: 0, oldestMs: 0 }])
    await expect.poll(counted).toEqual([true, 7])
  })

  it('is tried again a minute after it failed, not at every scrape', async () => {
    const { asked, clock, store, counted } = startCensus()
    store.nodes = refuse
    expect([await counted(), await counted()]).toEqual([
      [true, null],
      [true, null],
    ])
    expect(asked.tallies).toBe(1)
    clock.nowMs += 60_000
    await counted()
    expect(asked.tallies).toBe(2)
  })

  it('is counted anew when the clock was set back', async () => {
    const { asked, clock, counted } = startCensus()
    await counted()
    clock.nowMs -= 1
    await counted()
    expect(asked.tallies).toBe(2)
  })
})
