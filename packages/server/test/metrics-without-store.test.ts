import { expect, it, onTestFinished } from 'vitest'
import { startPostgresServer } from '../../../test-support/postgres-server.ts'
import { createTemporaryDirectory } from '../../../test-support/temporary-directory.ts'
import { Caller } from './caller.ts'
import { Scrape } from './scrape.ts'
import { startCutover } from './start-cutover.ts'

const inTime = { timeout: 10_000, interval: 50 }

async function scraped(caller: Caller): Promise<Scrape> {
  const { status, text } = await caller.call('GET', '/metrics')
  expect(status).toBe(200)
  return new Scrape(text)
}

it('a scrape while PostgreSQL is away says so, and shows the last figures', async () => {
  const postgres = await startPostgresServer()
  onTestFinished(() => postgres.remove())
  await using directory = await createTemporaryDirectory()
  const cutover = await startCutover({
    CUTOVER_DATA_DIR: `${directory.path}/data`,
    CUTOVER_DATABASE_URL: postgres.url('postgres'),
    CUTOVER_LEASE_MS: '2000',
  })
  const caller = new Caller(cutover.address, cutover.firstToken ?? '')
  await caller.create('Live')
  const before = await scraped(caller)
  expect(before.value('cutover_store_up')).toBe(1)
  expect(before.value('cutover_secrets', { kind: 'identity_secret', state: 'active' })).toBe(1)
  await postgres.stop()
  const away = await scraped(caller)
  expect(away.value('cutover_store_up')).toBe(0)
  for (const name of ['cutover_secrets', 'cutover_overdue', 'cutover_nodes']) {
    expect(away.values(name)).toEqual(before.values(name))
  }
  await expect.poll(async () => (await scraped(caller)).value('cutover_lease_seconds'), inTime).toBe(0)
  await postgres.start()
  await expect.poll(async () => (await scraped(caller)).value('cutover_store_up'), inTime).toBe(1)
  await expect.poll(async () => (await scraped(caller)).value('cutover_lease_seconds'), inTime).toBeGreaterThan(0)
  expect(await cutover.kill('SIGTERM')).toEqual({ code: 0, signal: null })
})
