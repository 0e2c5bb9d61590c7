import { Client } from 'pg'
import { describe, expect, it, onTestFinished } from 'vitest'
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
