import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { LookupPool } from '../lookup-pool.ts'
import { KeysetCache } from '../signing-secrets/keyset-cache.ts'
import type { IntegratorKey } from './integrator.ts'
import { integratorKeysets } from './integrator-keysets.ts'
import type { StoredIntegrator } from './ports.ts'

const known: IntegratorKey = 'int_00000000000000000001'
const unknown: IntegratorKey = 'int_00000000000000000002'

function stored(...ids: readonly string[]): StoredIntegrator {
  const secrets = ids.map((id) => ({
    id,
    fingerprint: id,
    acceptedFromMs: null,
    expiresAtMs: null,
    sealed: `sealed ${id}`,
  }))
  const integrator = { id: 'itg_1', key: known, workspaceId: 'ws_1', name: 'Acme' } as const
  return { epoch: 1, integrator: { ...integrator, secrets } }
}

/** A cache over a store with one integrator, and what each load cost. */
async function cacheOf(ids: readonly string[]) {
  const store = { current: stored(...ids), reads: 0, opened: 0 }
  const gates: Promise<void>[] = []
  const reader = {
    load: async (key: IntegratorKey): Promise<StoredIntegrator> => {
      store.reads += 1
      const read = key === known ? store.current : { epoch: 1, integrator: null }
      await gates.shift()
      return read
    },
  }
  const sealer = {
    sealMaterial: async (material: string) => material,
    openMaterial: async (sealed: string) => {
      store.opened += 1
      return sealed
    },
  }
  const source = await integratorKeysets(reader, sealer, { nowMs: () => 0, randomBytes })
  const settings = { maxKeysets: 10, appliedEpoch: () => 1 }
  const cache = new KeysetCache(source, new LookupPool({ running: 4, waiting: 100 }), settings)
  const costOf = async (key: IntegratorKey) => {
    Object.assign(store, { reads: 0, opened: 0 })
    const exists = await cache.load(key)
    return { exists, reads: store.reads, opened: store.opened }
  }
  return { cache, store, gates, costOf }
}

describe('integrators in memory', () => {
  it('cost as much to be asked for again as a key that nobody has, however many secrets they have', async () => {
    const { costOf, cache } = await cacheOf(['1', '2', '3'])
    expect(await costOf(unknown)).toEqual({ exists: false, reads: 1, opened: 1 })
    expect(await costOf(known)).toEqual({ exists: true, reads: 1, opened: 3 })
    expect(await costOf(known)).toEqual({ exists: true, reads: 1, opened: 1 })
    expect(cache.held(known)?.secrets.map(({ id }) => id)).toEqual(['1', '2', '3'])
  })

  it('are loaded anew when a change overtakes them while they are asked for again', async () => {
    const { cache, store, gates } = await cacheOf(['1'])
    await cache.load(known)
    const { promise: gate, resolve: open } = Promise.withResolvers<void>()
    gates.push(gate)
    const load = cache.load(known)
    store.current = stored('2')
    cache.apply({ epoch: 2, workspaceId: 'ws_1', part: 'integrator', subject: known })
    expect(cache.held(known)).toBeUndefined()
    open()
    expect(await load).toBe(true)
    expect(cache.held(known)?.secrets.map(({ id }) => id)).toEqual(['2'])
  })

  it('are forgotten by a change that names them and by no other, and all of them with a workspace', async () => {
    const { cache } = await cacheOf(['1'])
    await cache.load(known)
    cache.apply({ epoch: 2, workspaceId: 'ws_1', part: 'integrator', subject: unknown })
    cache.apply({ epoch: 3, workspaceId: 'ws_1', part: 'keyset' })
    expect(cache.held(known)).toBeDefined()
    cache.apply({ epoch: 4, workspaceId: 'ws_2', part: 'workspace_deleted' })
    expect(cache.held(known)).toBeUndefined()
  })
})
