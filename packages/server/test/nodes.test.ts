import type { NodeList } from '@cutover/contract'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { leaseTiming } from '../src/cluster/lease-timing.ts'
import { type CalledCutover, createInstallation, type Installation } from './installation.ts'
import { askAll, Probe, showIntegrator, showSecret, showToken } from './probe.ts'
import { RawConnection } from './raw-connection.ts'
import { stopped } from './stopped.ts'
import { timed } from './timed.ts'

const leaseMs = 2000
const { waitMs } = leaseTiming(leaseMs)
/** What a change takes that waits for nobody, on a machine that is busy with other tests. */
const soonMs = 1200

const environment = {
  CUTOVER_LEASE_MS: String(leaseMs),
  CUTOVER_RATE_LIMIT_PER_MINUTE: '0',
  CUTOVER_MAX_ACTIVE_SECRETS: '1000',
}

const atEnd = new AsyncDisposableStack()
let installation: Installation
let nodes: readonly [CalledCutover, CalledCutover, CalledCutover]
let probes: readonly [Probe, Probe, Probe]

async function openProbe({ address }: CalledCutover): Promise<Probe> {
  const probe = await Probe.open(address)
  atEnd.defer(() => probe.close())
  return probe
}

beforeAll(async () => {
  installation = await createInstallation('postgres', (work) => atEnd.defer(work))
  const first = await installation.start(environment)
  nodes = [first, ...(await Promise.all([installation.start(environment), installation.start(environment)]))]
  probes = await Promise.all([openProbe(nodes[0]), openProbe(nodes[1]), openProbe(nodes[2])])
})
afterAll(() => atEnd.disposeAsync())

const show = (secret: string) => showSecret(installation.token, secret)

async function listNodes(): Promise<NodeList['data']> {
  return JSON.parse((await nodes[0].caller.call('GET', '/v1/nodes')).text).data
}

/** A request that its caller does not wait for: the connection is cut as soon as `isDone`. */
async function hangUp(node: CalledCutover, request: string, isDone: () => Promise<boolean>): Promise<void> {
  const connection = await RawConnection.open(node.address)
  connection.send(request)
  await expect.poll(isDone, { interval: 2, timeout: 5000 }).toBe(true)
  connection.close()
}

const head = (line: string) => `${line} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${installation.token}\r\n`

describe('three nodes on one PostgreSQL database', () => {
  it('verify what one of them has made, and refuse what one of them has deleted, from its answer on', async () => {
    for (let round = 0; round < 9; round += 1) {
      const [maker, deleter] = [nodes[round % 3], nodes[(round + 1 + (round % 2)) % 3]]
      const { id, secret } = (await maker?.caller.create(`Round ${round}`)) ?? { id: '', secret: '' }
      expect(await askAll(probes, show(secret)), `after the create of round ${round}`).toEqual(['accepted'])
      expect((await deleter?.caller.delete(id))?.status).toBe(204)
      expect(await askAll(probes, show(secret)), `after the delete of round ${round}`).toEqual(['refused'])
    }
  })

  it('refuse a revoked token, a rotated one, and those of a deleted workspace, from the answer on', async () => {
    const [a, b, c] = nodes
    const make = async (body: object) => JSON.parse((await a.caller.call('POST', '/v1/access-tokens', { body })).text)
    const one = await make({ name: 'One', scopes: ['verify'] })
    expect(await askAll(probes, showToken(one.token))).toEqual(['accepted'])
    expect((await b.caller.call('DELETE', `/v1/access-tokens/${one.id}`)).status).toBe(204)
    expect(await askAll(probes, showToken(one.token))).toEqual(['refused'])

    const two = await make({ name: 'Two', scopes: ['verify'] })
    expect(await askAll(probes, showToken(two.token))).toEqual(['accepted'])
    const body = { oldTokenValidForSeconds: 0 }
    const rotated = await c.caller.call('POST', `/v1/access-tokens/${two.id}/rotate`, { body })
    expect(await askAll(probes, showToken(two.token))).toEqual(['refused'])
    expect(await askAll(probes, showToken(JSON.parse(rotated.text).token))).toEqual(['accepted'])

    const made = await a.caller.call('POST', '/v1/workspaces', { body: { name: 'Short-lived' } })
    const { id } = JSON.parse(made.text)
    const headers = { 'cutover-workspace': id }
    const inside = await b.caller.call('POST', '/v1/access-tokens', {
      body: { name: 'In', scopes: ['verify'] },
      headers,
    })
    const { token } = JSON.parse(inside.text)
    expect(await askAll(probes, showToken(token))).toEqual(['accepted'])
    expect((await c.caller.call('DELETE', `/v1/workspaces/${id}`)).status).toBe(204)
    expect(await askAll(probes, showToken(token))).toEqual(['refused'])
    // With two workspaces a call has to name one: only now is there one again, on every node.
    expect((await b.caller.call('GET', '/secure_mode_secrets')).status).toBe(200)
  })

  it('refuse the old secret of an integrator from the answer to its regeneration on, and take the new one', async () => {
    const [a, b] = nodes
    const made = JSON.parse((await a.caller.call('POST', '/v1/integrators', { body: { name: 'Partner' } })).text)
    expect(await askAll(probes, showIntegrator(made))).toEqual(['accepted'])
    const answer = await b.caller.call('POST', '/v1/integrator/regenerate-secret', {
      headers: { 'x-integrator-key': made.key },
    })
    expect(await askAll(probes, showIntegrator(made))).toEqual(['refused'])
    expect(await askAll(probes, showIntegrator({ key: made.key, ...JSON.parse(answer.text) }))).toEqual(['accepted'])
  })

  it('lose every notification and keep the promise', async () => {
    const [a, b] = nodes
    const client = new Client({ connectionString: installation.databaseUrl })
    await client.connect()
    onTestFinished(() => client.end())
    const listening = `FROM pg_stat_activity WHERE datname = current_database() AND query = 'listen cutover_changes'`
    for (let round = 0; round < 3; round += 1) {
      const { id, secret } = await a.caller.create(`Unheard ${round}`)
      expect(await askAll(probes, show(secret))).toEqual(['accepted'])
      await expect.poll(async () => (await client.query(`SELECT ${listening}`)).rowCount, { timeout: 5000 }).toBe(3)
      await client.query(`SELECT pg_terminate_backend(pid) ${listening}`)
      const { elapsedMs } = await timed(() => b.caller.delete(id))
      expect(await askAll(probes, show(secret))).toEqual(['refused'])
      // Nobody is fenced for it: each finds the change with its next renewal.
      expect(elapsedMs).toBeLessThan(waitMs)
    }
  })

  it('are listed with what each has applied, its lease, its version and its start, for who may manage them', async () => {
    const [a, b] = nodes
    const { id } = await a.caller.create('Listed')
    const epoch = Number((await b.caller.delete(id)).headers.get('cutover-revocation-epoch'))
    const listed = await listNodes()
    expect(listed).toHaveLength(3)
    for (const node of listed) {
      expect(node).toMatchObject({ version: '0.1.0', state: 'serving', appliedEpoch: epoch, behindBy: 0, leaseMs })
      expect(node.id).toMatch(/^node_[0-9A-Za-z]{20}$/)
      expect(node.leaseLeftMs).toBeGreaterThan(0)
      expect(node.leaseLeftMs).toBeLessThanOrEqual(leaseMs)
      expect(Math.abs(Date.now() - Date.parse(node.startedAt))).toBeLessThan(120_000)
      expect(node.masterKeyIds).toEqual(listed[0]?.masterKeyIds)
    }
    const scopes = ['read_all', 'write_settings']
    const made = await a.caller.call('POST', '/v1/access-tokens', { body: { name: 'Reader', scopes } })
    const { token } = JSON.parse(made.text)
    expect((await b.caller.call('GET', '/v1/nodes', { token })).status).toBe(403)
    expect((await b.caller.call('GET', '/v1/nodes', { token: null })).status).toBe(401)
  })

  it('take in one that starts while secrets are made and deleted, and it is never behind', async () => {
    const [a, b] = nodes
    const gone: string[] = []
    let isUp = false
    const starting = installation.start(environment).finally(() => {
      isUp = true
    })
    while (!isUp) {
      const { id, secret } = await a.caller.create(`Joining ${gone.length}`)
      expect((await b.caller.delete(id)).status).toBe(204)
      gone.push(secret)
    }
    const live = await b.caller.create('While it starts')
    const fourth = await starting
    const probe = await Probe.open(fourth.address)
    for (const secret of gone) expect(await probe.askKept(show(secret))).toBe('refused')
    expect(await probe.ask(show(live.secret))).toEqual(['accepted', 'accepted'])
    expect((await a.caller.delete(live.id)).status).toBe(204)
    expect(await probe.ask(show(live.secret))).toEqual(['refused', 'refused'])
    probe.close()

    // It leaves by itself: nobody waits for it.
    expect(await fourth.kill('SIGTERM')).toEqual({ code: 0, signal: null })
    const { id } = await a.caller.create('After it left')
    expect((await timed(() => b.caller.delete(id))).elapsedMs).toBeLessThan(soonMs)
    expect(await listNodes()).toHaveLength(3)
  })

  it('outwait one that was killed, once, and no longer than W', async () => {
    const [a, b] = nodes
    const fourth = await installation.start(environment)
    const { id, secret } = await a.caller.create('Outlives it')
    await fourth.kill('SIGKILL')
    const first = await timed(() => b.caller.delete(id))
    expect(first.result.status).toBe(204)
    expect(first.elapsedMs).toBeGreaterThan(waitMs - leaseMs)
    expect(first.elapsedMs).toBeLessThan(waitMs + soonMs)
    expect(await askAll(probes, show(secret))).toEqual(['refused'])
    const next = await timed(() => b.caller.create('Next'))
    expect(next.elapsedMs).toBeLessThan(soonMs)
    expect((await listNodes()).map(({ state }) => state).sort()).toEqual(['fenced', 'serving', 'serving', 'serving'])
  })
})

describe('nodes that were given leases of different lengths', () => {
  it('outwait the longest: a change does not end while some node may still answer', async () => {
    const { id } = await nodes[0].caller.create('Known to the longer one')
    const longer = await installation.start({ ...environment, CUTOVER_LEASE_MS: '3000' })
    const stop = stopped(longer.pid)
    const { result, elapsedMs } = await timed(() => nodes[0].caller.delete(id))
    expect(result.status).toBe(204)
    expect(elapsedMs).toBeGreaterThan(leaseTiming(3000).waitMs - 20)
    stop.continue()
    await longer.kill('SIGTERM')
  })
})

describe('a node that is stopped while others change something', () => {
  it('holds up one change for W at most, and its first answers are none that were revoked', async () => {
    const [a, b, c] = nodes
    const { id, secret } = await a.caller.create('Across the stop')
    const { id: tokenId, token } = JSON.parse(
      (await a.caller.call('POST', '/v1/access-tokens', { body: { name: 'Across', scopes: ['verify'] } })).text,
    )
    expect(await askAll(probes, show(secret))).toEqual(['accepted'])
    expect(await askAll(probes, showToken(token))).toEqual(['accepted'])
    const kept = [await openProbe(c), await openProbe(c), await openProbe(c)] as const
    for (const probe of kept) expect(await probe.askKept(show(secret))).toBe('accepted')

    const stop = stopped(c.pid)
    const sentBefore = kept[0].askKept(show(secret))
    const first = await timed(() => a.caller.delete(id))
    expect(first.result.status).toBe(204)
    expect(first.elapsedMs).toBeGreaterThan(waitMs - 20)
    expect(first.elapsedMs).toBeLessThan(waitMs + soonMs)
    expect(await askAll([probes[0], probes[1]], show(secret))).toEqual(['refused'])
    const second = await timed(() => b.caller.call('DELETE', `/v1/access-tokens/${tokenId}`))
    expect(second.result.status).toBe(204)
    expect(second.elapsedMs).toBeLessThan(soonMs)
    expect((await listNodes()).filter(({ state }) => state === 'fenced').length).toBeGreaterThanOrEqual(1)

    const sentAfter = Promise.all([kept[1].askKept(show(secret)), kept[2].askKept(showToken(token))])
    const sentAnew = Promise.all([show(secret), showToken(token)].map((showing) => probes[2].askNew(showing)))
    stop.continue()
    const answers = [...(await sentAfter), ...(await sentAnew)]
    for (const answer of answers) expect(['refused', 'unavailable']).toContain(answer)
    // Its first byte was sent before the answer: nothing is promised of it, and without a lease it is not accepted.
    expect(await sentBefore).not.toBe('accepted')
    const live = await a.caller.create('After the stop')
    await expect.poll(() => probes[2].askKept(show(live.secret)), { timeout: 5000 }).toBe('accepted')
    expect(await askAll(probes, show(secret))).toEqual(['refused'])
    expect(await askAll(probes, showToken(token))).toEqual(['refused'])
  })

  it('keeps back a repeat as well: of a delete or a create whose caller hung up, on any node', async () => {
    const [a, b, c] = nodes
    const { id, secret } = await a.caller.create('Deleted twice')
    expect(await askAll(probes, show(secret))).toEqual(['accepted'])
    const stop = stopped(c.pid)
    const startMs = performance.now()
    // The other node knows as soon as it is committed, and long before it is answered.
    await hangUp(a, `${head(`DELETE /secure_mode_secrets/${id}`)}\r\n`, async () => {
      return (await probes[1].askKept(show(secret))) === 'refused'
    })
    const body = JSON.stringify({ name: 'Made twice', supports_web: true, supports_ios: true, supports_android: true })
    const json = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nIdempotency-Key: twice\r\n`
    await hangUp(a, `${head('POST /secure_mode_secrets')}${json}\r\n${body}`, async () => {
      return (await b.caller.list()).some(({ name }) => name === 'Made twice')
    })
    const since = async (work: () => Promise<{ status: number }>) => {
      const { status } = await work()
      return { status, afterMs: performance.now() - startMs }
    }
    const repeats = await Promise.all([
      since(() => a.caller.delete(id)),
      since(() => b.caller.delete(id)),
      since(() => b.caller.post('Made twice', { idempotencyKey: 'twice' })),
    ])
    expect(repeats.map(({ status }) => status)).toEqual([404, 404, 201])
    for (const { afterMs } of repeats) expect(afterMs).toBeGreaterThan(waitMs - 20)
    stop.continue()
    await expect.poll(() => probes[2].askKept(show(secret)), { timeout: 5000 }).toBe('refused')
    expect((await b.caller.list()).filter(({ name }) => name === 'Made twice')).toHaveLength(1)
  })
})
