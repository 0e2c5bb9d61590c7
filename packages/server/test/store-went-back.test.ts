import { Client } from 'pg'
import { describe, expect, it } from 'vitest'
import { copyOfDatabase } from '../../../test-support/databases.ts'
import type { Caller } from './caller.ts'
import { type CalledCutover, createInstallation, type Installation } from './installation.ts'
import { Probe, showSecret } from './probe.ts'
import { stopped } from './stopped.ts'

const environment = { CUTOVER_LEASE_MS: '2000', CUTOVER_RATE_LIMIT_PER_MINUTE: '0' }
/** Renewed once a second: what is noticed sooner was noticed by something else. */
const longLease = { ...environment, CUTOVER_LEASE_MS: '10000' }
const inTime = { timeout: 10_000, interval: 10 }

async function query(installation: Installation, text: string): Promise<void> {
  const client = new Client({ connectionString: installation.databaseUrl })
  await client.connect()
  await client.query(text).finally(() => client.end())
}

async function readiness(caller: Caller): Promise<string> {
  const { status, text } = await caller.call('GET', '/readyz')
  return `${status} ${JSON.parse(text).store}`
}

function fatalLines({ stderr }: CalledCutover): object[] {
  const lines = stderr.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]))
  return lines.filter(({ level }) => level === 60)
}

async function expectStopped(cutover: CalledCutover, secret: string, token: string): Promise<void> {
  const probe = await Probe.open(cutover.address)
  expect(await probe.ask(showSecret(token, secret))).toEqual(['unavailable', 'unavailable'])
  probe.close()
  expect((await cutover.caller.post('Not here')).status).toBe(503)
  expect(fatalLines(cutover)).toMatchObject([
    { msg: 'this is not the store that was known: nothing is answered any more' },
  ])
}

describe('a node under which its store goes back in time', () => {
  it('verifies nothing any more, however far the restored store gets, and says so once', async () => {
    const installation = await createInstallation('postgres')
    const first = await installation.start(environment)
    const live = await first.caller.create('Live')
    const gone = await first.caller.create('Gone')
    const copy = await copyOfDatabase(installation.databaseUrl)
    await expect.poll(() => readiness(first.caller), inTime).toBe('200 ok')
    expect((await first.caller.delete(gone.id)).status).toBe(204)
    await copy.putBack()
    await expect.poll(() => readiness(first.caller), inTime).toBe('503 ok')
    await expectStopped(first, live.secret, installation.token)
    // Without a mark file nobody who starts anew can know; their changes take the store past what the first one knew.
    const second = await installation.start(environment)
    for (const name of ['A', 'B', 'C']) await second.caller.create(name)
    expect(await readiness(first.caller)).toBe('503 ok')
    await expectStopped(first, live.secret, installation.token)
  })

  it('finds out as well when the restored store has got further than it ever was, as it registers anew', async () => {
    const installation = await createInstallation('postgres')
    const first = await installation.start(longLease)
    const gone = await first.caller.create('Gone')
    const copy = await copyOfDatabase(installation.databaseUrl)
    await expect.poll(() => readiness(first.caller), inTime).toBe('200 ok')
    expect((await first.caller.delete(gone.id)).status).toBe(204)
    const probe = await Probe.open(first.address)
    // From here on it has in memory that there is none.
    expect(await probe.askKept(showSecret(installation.token, gone.secret))).toBe('refused')
    const stop = stopped(first.pid)
    await copy.putBack()
    await query(installation, 'DELETE FROM nodes')
    const second = await installation.start(longLease)
    for (const name of ['A', 'B', 'C']) await second.caller.create(name)
    stop.continue()
    // In the restored store it is still alive: not for one moment may this node begin anew on it.
    while (fatalLines(first).length === 0) {
      expect(await probe.askKept(showSecret(installation.token, gone.secret))).not.toBe('accepted')
    }
    probe.close()
    await expectStopped(first, gone.secret, installation.token)
    expect(await readiness(first.caller)).toBe('503 ok')
    // It takes no part: the others do not wait for it.
    expect(JSON.parse((await second.caller.call('GET', '/v1/nodes')).text).data).toHaveLength(1)
  })

  it('does not call a change done that was committed before, and may be gone', async () => {
    const installation = await createInstallation('postgres')
    const [first, second] = [await installation.start(environment), await installation.start(environment)]
    const live = await first.caller.create('Live')
    const probe = await Probe.open(first.address)
    stopped(second.pid)
    const deleting = first.caller.delete(live.id)
    const show = showSecret(installation.token, live.secret)
    await expect.poll(() => probe.askKept(show), { interval: 2 }).toBe('refused')
    await query(installation, 'UPDATE revocation_epoch SET value = value - 1')
    expect((await deleting).status).toBe(503)
    await expect.poll(() => readiness(first.caller), inTime).toBe('503 ok')
    probe.close()
    expect(fatalLines(first)).toMatchObject([{ known: 3, found: 2 }])
  })

  it('knows the store by its audit log: another entry in the place of one that it knows is another store', async () => {
    const installation = await createInstallation('postgres')
    const cutover = await installation.start(environment)
    const live = await cutover.caller.create('Live')
    await query(installation, "UPDATE audit_log SET hash = repeat('0', 64) WHERE chain <> 'instance' AND sequence = 1")
    await expect.poll(() => readiness(cutover.caller), inTime).toBe('503 ok')
    await expectStopped(cutover, live.secret, installation.token)
  })

  it('knows it before it takes up what others have changed there', async () => {
    const installation = await createInstallation('postgres')
    const cutover = await installation.start(longLease)
    const live = await cutover.caller.create('Live')
    // It is told at once, and long before its next renewal. The entry that the change names is there.
    await query(
      installation,
      `UPDATE audit_log SET hash = repeat('0', 64) WHERE chain <> 'instance' AND sequence = 1;
       UPDATE revocation_epoch SET value = value + 1;
       INSERT INTO changes (epoch, part, audit_chain, audit_sequence, audit_hash)
         SELECT value, 'workspaces', chain, sequence, hash FROM revocation_epoch, audit_log
         WHERE chain = 'instance' AND sequence = 1;
       SELECT pg_notify('cutover_changes', '')`,
    )
    await expect.poll(() => readiness(cutover.caller), inTime).toBe('503 ok')
    await expectStopped(cutover, live.secret, installation.token)
  })
})
