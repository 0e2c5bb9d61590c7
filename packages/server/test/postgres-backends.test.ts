import { Client } from 'pg'
import { describe, expect, it, onTestFinished } from 'vitest'
import { userHash } from './caller.ts'
import { createInstallation } from './installation.ts'

async function connectTo(url: string): Promise<Client> {
  const client = new Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

describe('a backend of PostgreSQL that is killed under a request', () => {
  it('makes that request a 503 that did nothing, and harms neither the process nor the next request', async () => {
    const installation = await createInstallation('postgres')
    const cutover = await installation.start()
    const live = await cutover.caller.create('Live')
    const outside = await connectTo(installation.databaseUrl)
    // Every change takes this row first: those that follow wait inside their transactions.
    await outside.query('BEGIN')
    await outside.query('SELECT value FROM revocation_epoch FOR UPDATE')
    const waiting = Promise.all(['A', 'B', 'C'].map((name) => cutover.caller.post(name)))
    const observer = await connectTo(installation.databaseUrl)
    const waiters = `FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
    await expect.poll(async () => (await observer.query(`SELECT pid ${waiters}`)).rowCount, { interval: 5 }).toBe(3)
    await observer.query(`SELECT pg_terminate_backend(pid) ${waiters}`)

    const answers = await Promise.allSettled([waiting])
    expect(cutover.stderr).not.toContain('"level":60')
    expect(answers).toMatchObject([{ value: [{ status: 503 }, { status: 503 }, { status: 503 }] }])
    await outside.query('ROLLBACK')
    expect(await cutover.caller.verify(live.secret)).toMatchObject({ verified: true, secretId: live.id })
    expect((await cutover.caller.list()).map(({ name }) => name)).toEqual(['Live'])
    expect((await cutover.caller.post('After')).status).toBe(201)
  })
})

/** Takes the lock that says whose the database is, from the process that holds it, before it can take it again. */
async function takeOwnership(url: string): Promise<{ giveBack(): Promise<void> }> {
  const [other, observer] = [await connectTo(url), await connectTo(url)]
  const holder = `FROM pg_locks WHERE locktype = 'advisory' AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`
  const { rows } = await observer.query(`SELECT pid, (classid::bigint << 32) | objid::bigint AS key ${holder}`)
  const [{ pid, key }] = rows
  // In the queue already when the holder dies: nobody who only tries can come first.
  const taken = other.query('SELECT pg_advisory_lock($1)', [key])
  const waiting = `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`
  await expect.poll(async () => (await observer.query(waiting)).rowCount, { interval: 5 }).toBe(1)
  await observer.query('SELECT pg_terminate_backend($1)', [pid])
  await taken
  return {
    giveBack: async () => {
      await other.query('SELECT pg_advisory_unlock($1)', [key])
    },
  }
}

// Whoever holds the lock answers from a memory that does not know what others change now.
describe('a process that another one has followed as the owner of its database', () => {
  it('gives no verdict from the moment it knows, and is well again when the database is its own again', async () => {
    const installation = await createInstallation('postgres')
    const { caller } = await installation.start()
    const live = await caller.create('Live')
    expect(await caller.verify(live.secret)).toMatchObject({ verified: true, secretId: live.id })
    const { giveBack } = await takeOwnership(installation.databaseUrl)
    await expect.poll(async () => (await caller.call('GET', '/readyz')).status, { interval: 5 }).toBe(503)
    const body = { platform: 'web', userId: 'user_1', userHash: userHash(live.secret, 'user_1') }
    // The first loads what it needs, were it allowed to; the second would find it.
    for (const _ of [1, 2]) expect((await caller.call('POST', '/v1/verifications', { body })).status).toBe(503)
    await giveBack()
    await expect.poll(async () => (await caller.call('GET', '/readyz')).status, { timeout: 8000 }).toBe(200)
    expect(await caller.verify(live.secret)).toMatchObject({ verified: true, secretId: live.id })
  })

  it('changes nothing: the owner would go on accepting what is deleted here', async () => {
    const installation = await createInstallation('postgres')
    const { caller } = await installation.start()
    const live = await caller.create('Live')
    const before = await installation.contents()
    await takeOwnership(installation.databaseUrl)
    await expect.poll(async () => (await caller.call('GET', '/readyz')).status, { interval: 5 }).toBe(503)
    expect([(await caller.post('Another')).status, (await caller.delete(live.id)).status]).toEqual([503, 503])
    expect(await installation.contents()).toEqual(before)
  })
})
