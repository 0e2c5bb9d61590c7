import { signUserHash, verifyUserHash } from '@cutover/signing'
import { describe, expect, it } from 'vitest'
import { DomainError } from '../domain-error.ts'
import { LookupPool } from '../lookup-pool.ts'
import type { StoredKeyset } from '../verification/ports.ts'
import { workspaceKeysets } from '../verification/workspace-keysets.ts'
import type { WorkspaceId } from '../workspaces/workspace.ts'
import { KeysetCache } from './keyset-cache.ts'

const workspace: WorkspaceId = 'ws_00000000000000000001'
const other: WorkspaceId = 'ws_00000000000000000002'
const enforcement = { web: 'enforce', ios: 'enforce', android: 'enforce' } as const
const platforms = { web: true, ios: true, android: true }

function stored(epoch: number, ...ids: string[]): StoredKeyset {
  const secrets = ids.map((id) => ({
    id,
    sealed: `material-${id}`,
    platforms,
    acceptedFromMs: null,
    expiresAtMs: null,
  }))
  return { epoch, workspace: { enforcement, secrets } }
}

/** Loads that answer when the test says so, each in its turn. */
function cacheWithManualLoads(maxKeysets = 10) {
  const waiting: ((keyset: StoredKeyset) => void)[] = []
  const node = { appliedEpoch: 1 }
  const reader = { load: () => new Promise<StoredKeyset>((resolve) => waiting.push(resolve)) }
  const opener = { openMaterial: async (sealed: string) => sealed }
  const cache = new KeysetCache(
    workspaceKeysets(reader, opener, { lease: { isHeld: () => true }, system: { nowMs: () => 0 } }),
    new LookupPool({ running: 4, waiting: 100 }),
    {
      maxKeysets,
      appliedEpoch: () => node.appliedEpoch,
    },
  )
  const apply = (epoch: number, workspaceId: WorkspaceId) => {
    cache.apply({ epoch, workspaceId, part: 'keyset' })
    node.appliedEpoch = epoch
  }
  const answer = async (keyset: StoredKeyset) => {
    await expect.poll(() => waiting.length).toBeGreaterThan(0)
    waiting.shift()?.(keyset)
  }
  const accepted = (id: string) => {
    const keyset = cache.held(workspace)?.acceptedAt('web', 0)
    return keyset && verifyUserHash(keyset, 'u', signUserHash(`material-${id}`, 'u')).verified
  }
  return { cache, apply, answer, accepted, waiting }
}

describe('the keyset cache', () => {
  it('loads a workspace once for all who ask at the same time', async () => {
    const { cache, answer, accepted, waiting } = cacheWithManualLoads()
    const loads = [cache.load(workspace), cache.load(workspace), cache.load(workspace)]
    expect(waiting).toHaveLength(1)
    await answer(stored(1, '7'))
    await Promise.all(loads)
    expect(accepted('7')).toBe(true)
  })

  it('discards a load that a change of its workspace overtook, and loads again', async () => {
    const { cache, apply, answer, accepted } = cacheWithManualLoads()
    const load = cache.load(workspace)
    apply(2, workspace)
    await answer(stored(1, 'deleted'))
    await answer(stored(2, 'left'))
    await load
    expect([accepted('deleted'), accepted('left')]).toEqual([false, true])
  })

  it('discards a load that is older than what the node had applied when it began', async () => {
    const { cache, apply, answer, accepted } = cacheWithManualLoads()
    apply(5, other)
    const load = cache.load(workspace)
    await answer(stored(4, 'deleted'))
    await answer(stored(5, 'left'))
    await load
    expect([accepted('deleted'), accepted('left')]).toEqual([false, true])
  })

  it('discards every load under way when everything is dropped', async () => {
    const { cache, answer, accepted } = cacheWithManualLoads()
    const load = cache.load(workspace)
    cache.dropAll()
    await answer(stored(1, 'deleted'))
    await answer(stored(1, 'left'))
    await load
    expect([accepted('deleted'), accepted('left')]).toEqual([false, true])
  })

  it('keeps a load that only another workspace changed under', async () => {
    const { cache, apply, answer, accepted, waiting } = cacheWithManualLoads()
    const load = cache.load(workspace)
    apply(2, other)
    await answer(stored(1, '7'))
    await load
    expect(accepted('7')).toBe(true)
    expect(waiting).toHaveLength(0)
  })

  it('forgets a workspace that changed, and nothing else', async () => {
    const { cache, apply, answer } = cacheWithManualLoads()
    for (const id of [workspace, other]) {
      const load = cache.load(id)
      await answer(stored(1, '7'))
      await load
    }
    apply(2, workspace)
    expect([cache.held(workspace) === undefined, cache.held(other) === undefined]).toEqual([true, false])
  })

  it('holds no more workspaces than it may, the least used goes first', async () => {
    const { cache, answer } = cacheWithManualLoads(1)
    for (const id of [workspace, other]) {
      const load = cache.load(id)
      await answer(stored(1, '7'))
      await load
    }
    expect([cache.size, cache.held(workspace)]).toEqual([1, undefined])
  })

  it('counts how often somebody looked for a keyset that was there, and for one that was not', async () => {
    const { cache, answer } = cacheWithManualLoads()
    expect(cache.held(workspace)).toBeUndefined()
    const load = cache.load(workspace)
    await answer(stored(1, '7'))
    await load
    for (const id of [workspace, workspace, workspace, other]) cache.held(id)
    expect(cache.lookups).toEqual({ hits: 3, misses: 2 })
  })

  it('gives up on a workspace that changes faster than it loads, rather than answer from the past', async () => {
    const { cache, apply, answer } = cacheWithManualLoads()
    const load = cache.load(workspace)
    const failed = expect(load).rejects.toEqual(new DomainError('store_unavailable'))
    for (let epoch = 2; epoch < 10; epoch += 1) {
      apply(epoch, workspace)
      await answer(stored(epoch - 1, 'deleted'))
    }
    await failed
    expect(cache.held(workspace)).toBeUndefined()
  })

  it('says of a workspace that does not exist that there is none, and remembers nothing of it', async () => {
    const { cache, answer } = cacheWithManualLoads()
    for (let turn = 0; turn < 2; turn += 1) {
      const load = cache.load(other)
      await answer({ epoch: 1, workspace: null })
      expect(await load).toBe(false)
    }
    expect(cache.size).toBe(0)
  })
})
