import { setTimeout as pause } from 'node:timers/promises'
import { createSecret } from './arena.ts'
import { call } from './call.ts'
import type { Cores } from './cores.ts'
import type { Finding, Target } from './finding.ts'
import { interleave } from './interleave.ts'
import type { Effort } from './options.ts'
import { startNodes, startPostgresStore } from './postgres-cluster.ts'
import { type StartedCutover, startCutover } from './start-cutover.ts'
import { median, medianRatio, percentile } from './statistics.ts'
import type { SubjectServer } from './subject-server.ts'
import { aimedAt } from './targets.ts'

const leaseMs = 2000
/** The lease and twice the bound on how wrong a clock may run: docs/revocation.md. */
const waitMs = 2455
const common = { CUTOVER_RATE_LIMIT_PER_MINUTE: '0', CUTOVER_LEASE_MS: String(leaseMs) }
const atMost = (milliseconds: number): Target => ({ of: 'figure', atMost: milliseconds })

/** How long a `DELETE` takes with several nodes: all healthy, one stopped, one gone. Beside a single server on SQLite. */
export async function measureNodes(effort: Effort, _cores: Cores): Promise<Finding[]> {
  await using store = await startPostgresStore()
  await using single = await startCutover(null, common)
  await using workers = await startCutover(null, common, [], ['--workers', '3'])
  const nodes = await startNodes(3, { ...common, ...store.settings })
  await using _nodes = { [Symbol.asyncDispose]: () => endAll(nodes) }
  const [one, , other] = nodes
  if (!one || !other) throw new Error('three nodes were started')

  const healthy: Healthy = await compare({ nodes: one, workers, single }, effort)
  const ofHealthy = healthyFindings(healthy)
  if (effort.stops === 0) return ofHealthy
  const stopped = await deletesAcrossStops(one, other, effort)
  await other[Symbol.asyncDispose]()
  const left = await compare({ nodes: one, single }, effort)
  return [
    ...ofHealthy,
    beside('DELETE, 1 of 3 nodes stopped, lease 2 s', stopped.first, {
      than: 'the next one',
      baseline: stopped.next,
      target: atMost(waitMs + 500),
    }),
    beside('the next one, that node fenced', stopped.next, {
      than: 'all healthy',
      baseline: p50OfNodes(healthy.nodes, effort),
      target: atMost(100),
    }),
    beside('DELETE, 1 of 3 nodes has left, p99', p99Of(left.nodes), {
      than: 'one on SQLite',
      baseline: p99Of(left.single),
      target: atMost(100),
    }),
  ]
}

type Healthy = Readonly<Record<'nodes' | 'workers' | 'single', readonly Latencies[]>>

function healthyFindings({ nodes, workers, single }: Healthy): Finding[] {
  const than = 'one on SQLite'
  const p50 = { than, baseline: single.map(({ p50Ms }) => p50Ms), target: null }
  const p99 = { than, baseline: p99Of(single), target: atMost(100) }
  const p50Of = (rounds: readonly Latencies[]) => rounds.map(({ p50Ms }) => p50Ms)
  return [
    beside('DELETE, 3 nodes on PostgreSQL, p50', p50Of(nodes), p50),
    { ...beside('DELETE, 3 nodes on PostgreSQL, p99', p99Of(nodes), p99), ...aimedAt('delete') },
    beside('DELETE, 3 workers on SQLite, p50', p50Of(workers), p50),
    beside('DELETE, 3 workers on SQLite, p99', p99Of(workers), p99),
  ]
}

function p99Of(rounds: readonly Latencies[]): readonly number[] {
  return rounds.map(({ p99Ms }) => p99Ms)
}

interface Latencies {
  readonly p50Ms: number
  readonly p99Ms: number
}

function p50OfNodes(rounds: readonly Latencies[], { stops }: Effort): readonly number[] {
  return rounds.map(({ p50Ms }) => p50Ms).slice(0, stops)
}

async function compare<Name extends string>(
  servers: Readonly<Record<Name, SubjectServer>>,
  { deletesInRound, deleteRounds }: Effort,
): Promise<Readonly<Record<Name, readonly Latencies[]>>> {
  const rounds = Object.fromEntries(Object.keys(servers).map((name) => [name, []])) as unknown as Record<
    Name,
    Latencies[]
  > // sound: a list for each of their names
  const names = Object.keys(servers) as Name[] // sound: the keys of the record are its names
  const contenders = Object.fromEntries(
    names.map((name) => [
      name,
      async () => {
        const measured = await deleteLatencies(servers[name], deletesInRound)
        rounds[name].push(measured)
        return measured.p50Ms
      },
    ]),
  ) as Record<Name, () => Promise<number>> // sound: one for each of their names
  await interleave(contenders, deleteRounds)
  // The first of each is the warm-up.
  for (const name of names) rounds[name].shift()
  return rounds
}

async function deleteLatencies(server: SubjectServer, count: number): Promise<Latencies> {
  const latencies: number[] = []
  for (let done = 0; done < count; done += 1) latencies.push(await deleteOnce(server))
  const sorted = latencies.toSorted((a, b) => a - b)
  return { p50Ms: percentile(sorted, 0.5), p99Ms: percentile(sorted, 0.99) }
}

async function deleteOnce(server: SubjectServer): Promise<number> {
  const { id } = await createSecret(server)
  return await timedDelete(server, id)
}

async function timedDelete(server: SubjectServer, id: string): Promise<number> {
  const startMs = performance.now()
  await call(server, { method: 'DELETE', path: `/secure_mode_secrets/${id}`, workspaceId: null })
  return performance.now() - startMs
}

/** The first delete after a node was stopped, and the one after it, as often as it was stopped. */
async function deletesAcrossStops(asked: SubjectServer, stopped: StartedCutover, { stops }: Effort) {
  const first: number[] = []
  const next: number[] = []
  for (let stop = 0; stop < stops; stop += 1) {
    const [one, another] = [await createSecret(asked), await createSecret(asked)]
    process.kill(stopped.pid, 'SIGSTOP')
    first.push(await timedDelete(asked, one.id))
    next.push(await timedDelete(asked, another.id))
    process.kill(stopped.pid, 'SIGCONT')
    while ((await servingNodes(asked)) < 3) await pause(20)
  }
  return { first, next }
}

async function servingNodes(server: SubjectServer): Promise<number> {
  const answer = await call(server, { method: 'GET', path: '/v1/nodes', workspaceId: null })
  const { data } = JSON.parse(answer) as { data: { state: string }[] } // sound: the contract of a 200
  return data.filter(({ state }) => state === 'serving').length
}

async function endAll(servers: readonly AsyncDisposable[]): Promise<void> {
  for (const server of servers) await server[Symbol.asyncDispose]()
}

interface Beside {
  readonly than: string
  readonly baseline: readonly number[]
  readonly target: Target | null
}

function beside(what: string, rounds: readonly number[], { than, baseline, target }: Beside): Finding {
  return {
    unit: 'ms',
    subject: { what, figure: median(rounds), rounds },
    baseline: { what: than, figure: median(baseline), rounds: baseline },
    ratio: medianRatio(rounds, baseline),
    target,
    cautions: [],
  }
}
