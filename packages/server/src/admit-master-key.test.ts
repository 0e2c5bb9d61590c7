import { randomBytes } from 'node:crypto'
import { type Kysely, SqliteAdapter, sql } from 'kysely'
import { describe, expect, it, onTestFinished } from 'vitest'
import { engines, startInProcess } from '../test/in-process.ts'
import { admitMasterKey } from './admit-master-key.ts'
import type { Registration } from './cluster/ports.ts'
import type { Engine } from './storage/engine.ts'
import type { Database } from './storage/schema.ts'
import type { Repositories, Store } from './storage/store.ts'

const system = { nowMs: Date.now, randomBytes }
const actor = { type: 'system', id: 'a test', name: null } as const

function registration(nodeId: string, ...keyIds: string[]): Registration {
  return { nodeId, version: '1', keyIds, leaseMs: 10_000, upMs: 0 }
}

/** A store that knows a key `young`, which the one server on it has beside its own `kid`. */
async function startKnowing(engine: Engine) {
  const inProcess = await startInProcess({ engine })
  onTestFinished(() => inProcess[Symbol.asyncDispose]())
  const { store, opened } = inProcess.cutover
  const [own] = await store.read.masterKeys.all()
  const kid = own?.kid ?? ''
  await store.read.masterKeys.insert({ kid: 'young', checkValue: '', state: 'known' }, 0)
  await opened.db
    .updateTable('nodes')
    .set({ key_ids: JSON.stringify([kid, 'young']) })
    .execute()
  const stateOf = async (kid: string) => (await store.read.masterKeys.all()).find((key) => key.kid === kid)?.state
  return {
    inProcess,
    store,
    db: opened.db,
    kid,
    stateOf,
    admit: () => admitMasterKey({ store, system, actor }, 'young'),
  }
}

/** Until `work` waits for the lock, or has not and is over. In one process on SQLite it cannot but wait. */
async function waitsForLock(db: Kysely<Database>, work: Promise<unknown>): Promise<boolean> {
  if (db.getExecutor().adapter instanceof SqliteAdapter) return true
  let isOver = false
  void work.then(() => {
    isOver = true
  })
  const waiting = sql<{ count: number }>`select count(*) as count from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`
  await expect.poll(async () => isOver || (await waiting.execute(db)).rows[0]?.count === 1, { interval: 5 }).toBe(true)
  return !isOver
}

/** A transaction that has done its work and commits when it is told to. */
function held<Result>(store: Store, work: (tx: Repositories) => Promise<Result>) {
  const begun = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  const result = store.transaction(async (tx) => {
    const done = await work(tx)
    begun.resolve()
    await gate.promise
    return done
  })
  return { begun: begun.promise, result, letGo: gate.resolve }
}

describe.each(engines)('a master key on %s', (engine) => {
  it('is admitted where every node has it, once, and on the record', async () => {
    const { inProcess, store, stateOf, admit } = await startKnowing(engine)
    expect(await admit()).toEqual({ isAdmitted: true, lacking: [] })
    expect(await admit()).toEqual({ isAdmitted: true, lacking: [] })
    expect(await stateOf('young')).toBe('admitted')
    const query = 'chain=instance&action=master_key.admitted'
    const { data } = (await inProcess.call({ url: `/v1/audit-log?${query}` })).json()
    expect(data).toMatchObject([{ actor, resource: { type: 'store', id: null }, metadata: { kid: 'young' } }])
    expect(await store.read.masterKeys.sealingKeyId(['young', 'x'])).toBe('young')
  })

  it('is not admitted while a node lacks it, unless that one is fenced', async () => {
    const { store, kid, stateOf, admit } = await startKnowing(engine)
    expect(await store.transaction((tx) => tx.nodes.register(registration('behind', kid), null))).toHaveProperty(
      'epoch',
    )
    expect(await admit()).toMatchObject({ isAdmitted: false, lacking: [{ nodeId: 'behind' }] })
    expect(await stateOf('young')).toBe('known')
    expect(await store.read.masterKeys.sealingKeyId(['young', kid])).toBe(kid)
    await store.transaction((tx) => tx.nodes.fence({ nodeId: 'behind', renewals: 0 }))
    expect(await admit()).toMatchObject({ isAdmitted: true })
  })

  it('that seals, or has sealed, is needed to register; one that never did is not', async () => {
    const { store, kid } = await startKnowing(engine)
    const register = (...keyIds: string[]) =>
      store.transaction((tx) => tx.nodes.register(registration(`node of ${keyIds}`, ...keyIds), null))
    expect(await register(kid)).toHaveProperty('epoch')
    expect(await register('young')).toEqual({ missingKeyIds: [kid] })
    await store.transaction((tx) => tx.masterKeys.setState(kid, 'retired'))
    expect(await register('young')).toEqual({ missingKeyIds: [kid] })
    await expect(store.read.masterKeys.sealingKeyId([kid])).rejects.toMatchObject({ code: 'lease_lost' })
  })

  it('and a node that registers without it: whichever is first keeps the other out', async () => {
    const { store, db, kid, stateOf, admit } = await startKnowing(engine)
    const registering = held(store, (tx) => tx.nodes.register(registration('behind', kid), null))
    await registering.begun
    const admitting = admit()
    expect(await waitsForLock(db, admitting)).toBe(true)
    registering.letGo()
    expect(await registering.result).toHaveProperty('epoch')
    expect(await admitting).toMatchObject({ isAdmitted: false, lacking: [{ nodeId: 'behind' }] })
    await store.transaction((tx) => tx.nodes.leave('behind'))

    const admission = held(store, async (tx) => {
      await tx.epoch.lock()
      await tx.masterKeys.setState('young', 'admitted')
    })
    await admission.begun
    const late = store.transaction((tx) => tx.nodes.register(registration('late', kid), null))
    expect(await waitsForLock(db, late)).toBe(true)
    admission.letGo()
    await admission.result
    expect(await late).toEqual({ missingKeyIds: ['young'] })
    expect(await stateOf('young')).toBe('admitted')
  })

  it('that an older release inserts is one that may seal at once', async () => {
    const { inProcess, stateOf } = await startKnowing(engine)
    await inProcess.cutover.opened.db
      .insertInto('master_key_checks')
      .values({ kid: 'of an older release', check_value: '', created_at: 0 })
      .execute()
    expect(await stateOf('of an older release')).toBe('admitted')
  })
})
