import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import BetterSqlite from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { childrenOf } from '../../../test-support/postgres-server.ts'
import { leaseTiming } from '../src/cluster/lease-timing.ts'
import { type CalledCutover, createInstallation, engines, type Installation } from './installation.ts'
import { askAll, callWith, Probe, type Showing, showSecret } from './probe.ts'
import { RawConnection } from './raw-connection.ts'
import { isAlive, type Stopped, stopped } from './stopped.ts'
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
const three = { parameters: ['--workers', '3'] }

const path = '/secure_mode_secrets'

/** A process that is stopped while it writes holds the lock of the file: then nobody can change anything. */
async function stoppedOutsideTransactions(pid: number, dataDirectory: string): Promise<Stopped> {
  const database = new BetterSqlite(join(dataDirectory, 'cutover.db'), { timeout: 500 })
  onTestFinished(() => void database.close())
  for (;;) {
    const stop = stopped(pid)
    try {
      database.exec('begin immediate; rollback')
      return stop
    } catch {
      stop.continue()
      await pause(5)
    }
  }
}

function countsOf(probes: readonly Probe[]): Promise<number[]> {
  return Promise.all(probes.map((probe) => probe.acceptedCount()))
}

/** Connections to each of the workers, told apart by the count that each keeps for itself. */
async function probeEach(
  { caller, address }: CalledCutover,
  show: (secret: string) => Showing,
): Promise<readonly (readonly Probe[])[]> {
  const probes: Probe[] = []
  onTestFinished(() => {
    for (const probe of probes) probe.close()
  })
  const { id, secret } = await caller.create('Asked of each')
  const ofEach: Probe[][] = []
  // A worker that is busy takes fewer.
  while (ofEach.length < 3 || ofEach.some(({ length }) => length < 2)) {
    const probe = await Probe.open(address)
    probes.push(probe)
    const firsts = [...ofEach.map(([first = probe]) => first), probe]
    const before = await countsOf(firsts)
    expect(await probe.askKept(show(secret))).toBe('accepted')
    const after = await countsOf(firsts)
    const which = after.findIndex((count, index) => count !== before[index])
    ofEach[which] = [...(ofEach[which] ?? []), probe]
  }
  await caller.delete(id)
  expect(ofEach).toHaveLength(3)
  return ofEach
}

describe.each(engines)('three workers on %s', (engine) => {
  const atEnd = new AsyncDisposableStack()
  let installation: Installation
  let cutover: CalledCutover
  const show = (secret: string) => showSecret(installation.token, secret)

  beforeAll(async () => {
    installation = await createInstallation(engine, (work) => atEnd.defer(work))
    cutover = await installation.start(environment, three)
  })
  afterAll(() => atEnd.disposeAsync())

  it('verify what one of them has made, and refuse what one of them has deleted, from its answer on', async () => {
    const probes = (await probeEach(cutover, show)).flat()
    for (let round = 0; round < 9; round += 1) {
      const { id, secret } = await cutover.caller.create(`Round ${round}`)
      expect(await askAll(probes, show(secret)), `after the create of round ${round}`).toEqual(['accepted'])
      expect((await cutover.caller.delete(id)).status).toBe(204)
      expect(await askAll(probes, show(secret)), `after the delete of round ${round}`).toEqual(['refused'])
    }
  })
})

describe('three workers on one SQLite file', () => {
  const atEnd = new AsyncDisposableStack()
  let installation: Installation
  let cutover: CalledCutover
  const show = (secret: string) => showSecret(installation.token, secret)

  beforeAll(async () => {
    installation = await createInstallation('sqlite', (work) => atEnd.defer(work))
    cutover = await installation.start(environment, three)
  })
  afterAll(() => atEnd.disposeAsync())

  it('outwait one that is stopped, once, and its first answers are none that were deleted', async () => {
    const ofEach = await probeEach(cutover, show)
    const probes = ofEach.flatMap(([first]) => (first ? [first] : []))
    const { id, secret } = await cutover.caller.create('Across the stop')
    expect(await askAll(probes, show(secret))).toEqual(['accepted'])
    const [pid = 0] = await childrenOf(cutover.pid)
    const stop = await stoppedOutsideTransactions(pid, installation.dataDirectory)
    const answered = new Set<number>()
    // The worker whose connection does not answer is the one that is stopped.
    const sentBefore = probes.map(async (probe, index) => {
      const taken = await probe.askKept(show(secret))
      answered.add(index)
      return taken
    })
    await expect.poll(() => answered.size).toBe(2)
    const silent = [0, 1, 2].findIndex((index) => !answered.has(index))
    const others = probes.filter((_, index) => index !== silent)
    const [one, other] = others
    const first = await timed(async () => one?.statusKept(callWith(installation.token, `DELETE ${path}/${id}`)))
    expect(first.result).toBe(204)
    expect(first.elapsedMs).toBeGreaterThan(waitMs - leaseMs)
    expect(first.elapsedMs).toBeLessThan(waitMs + soonMs)
    for (const probe of others) expect(await probe.askKept(show(secret))).toBe('refused')
    const content = { name: 'Next', supports_web: true }
    const next = await timed(async () => other?.statusKept(callWith(installation.token, `POST ${path}`, content)))
    expect(next.result).toBe(201)
    expect(next.elapsedMs).toBeLessThan(soonMs)

    const sentAfter = ofEach[silent]?.at(-1)?.askKept(show(secret))
    stop.continue()
    expect(await sentBefore[silent]).not.toBe('accepted')
    expect(ofEach[silent]?.length).toBeGreaterThan(1)
    expect(['refused', 'unavailable']).toContain(await sentAfter)
    await expect.poll(() => probes[silent]?.askKept(show(secret)), { timeout: 5000 }).toBe('refused')
  })

  it('replace one that was killed, which is waited for once and then serves again', async () => {
    const [killed = 0, ...others] = await childrenOf(cutover.pid)
    const { id, secret } = await cutover.caller.create('Outlives it')
    process.kill(killed, 'SIGKILL')
    await expect.poll(async () => (await childrenOf(cutover.pid)).includes(killed), { interval: 5 }).toBe(false)
    const first = await timed(() => cutover.caller.delete(id))
    expect(first.result.status).toBe(204)
    expect(first.elapsedMs).toBeLessThan(waitMs + soonMs)
    await expect.poll(async () => (await childrenOf(cutover.pid)).length, { timeout: 15_000 }).toBe(3)
    expect(await childrenOf(cutover.pid)).toEqual(expect.arrayContaining(others))
    await expect.poll(() => serving(), { timeout: 15_000 }).toBe(3)
    expect(await askAll((await probeEach(cutover, show)).flat(), show(secret))).toEqual(['refused'])
    expect((await timed(() => cutover.caller.create('Next'))).elapsedMs).toBeLessThan(soonMs)
  })

  async function serving(): Promise<number> {
    const { data } = JSON.parse((await cutover.caller.call('GET', '/v1/nodes')).text)
    return data.filter(({ state }: { state: string }) => state === 'serving').length
  }
})

describe('the process that keeps workers', () => {
  const ended = async (pids: readonly number[]) => {
    await expect.poll(() => pids.filter(isAlive), { timeout: 10_000 }).toEqual([])
  }

  it('takes its workers with it when it is killed, and the first change after a restart waits for nobody', async () => {
    const installation = await createInstallation()
    const first = await installation.start({}, three)
    const { id } = await first.caller.create('Outlives it')
    const pids = await childrenOf(first.pid)
    expect(pids).toHaveLength(3)
    expect(await first.kill('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' })
    await ended(pids)
    const again = await installation.start({}, three)
    // With a lease of 10 s: a killed node that was waited for would take 12.
    expect((await timed(() => again.caller.delete(id))).elapsedMs).toBeLessThan(3000)
  })

  it('is not replaced while a worker of its own is still there, stopped', async () => {
    const installation = await createInstallation()
    const first = await installation.start({}, { parameters: ['--workers', '2'] })
    const [pid = 0, otherPid = 0] = await childrenOf(first.pid)
    const stop = stopped(pid)
    // Not by `kill`, which waits for the end of its output: the stopped worker holds that open.
    process.kill(first.pid, 'SIGKILL')
    await ended([first.pid, otherPid])
    const line = `Another Cutover is running on the data directory ${installation.dataDirectory}: stop it first.\n`
    for (const parameters of [[], ['--workers', '2']]) {
      expect(await installation.attempt({}, { parameters })).toEqual({
        code: 1,
        signal: null,
        stdout: '',
        stderr: line,
      })
    }
    stop.continue()
    await ended([pid])
    const again = await installation.start()
    expect((await again.caller.post('After it')).status).toBe(201)
  })

  it.each(['SIGTERM', 'SIGINT'] as const)('lets them finish, when all are told to end: %s', async (signal) => {
    const installation = await createInstallation()
    const cutover = await installation.start({}, three)
    const pids = await childrenOf(cutover.pid)
    const connection = await RawConnection.open(cutover.address)
    const body = JSON.stringify({ name: 'In flight', supports_web: true })
    connection.send(
      `POST ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${installation.token}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`,
    )
    expect((await connection.response()).status).toBe(100)
    // As a terminal and a service manager do it: every process of the group is told, by itself.
    for (const pid of pids) process.kill(pid, signal)
    const exited = cutover.kill(signal)
    connection.send(body)
    expect((await connection.response()).status).toBe(201)
    expect(await exited).toEqual({ code: 0, signal: null })
    await ended(pids)
    const rows = await installation.read((db) => db.selectFrom('nodes').select('fenced').execute())
    expect(rows).toEqual([])
  })
})

describe('a single server on SQLite', () => {
  it('waits for nobody after kill −9 and a restart, and is the only node that it lists', async () => {
    const installation = await createInstallation()
    const first = await installation.start()
    const { id } = await first.caller.create('Outlives it')
    await first.kill('SIGKILL')
    const again = await installation.start()
    expect((await timed(() => again.caller.delete(id))).elapsedMs).toBeLessThan(3000)
    const { data } = JSON.parse((await again.caller.call('GET', '/v1/nodes')).text)
    expect(data).toMatchObject([{ state: 'serving', behindBy: 0, appliedEpoch: 3, leaseMs: 10_000 }])
  })
})
