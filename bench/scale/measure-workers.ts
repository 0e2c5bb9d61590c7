import { connections, verificationPath } from '../arena.ts'
import type { Cores } from '../cores.ts'
import type { Finding } from '../finding.ts'
import type { Exchange } from '../load/exchange.ts'
import { type Generator, startGenerator } from '../load/start-generator.ts'
import { proveVerifications } from '../measure-stores.ts'
import type { Effort } from '../options.ts'
import { type StartedCutover, startCutover } from '../start-cutover.ts'
import { curveFinding, type Figures, overSizes } from './over-sizes.ts'
import { cpuSecondsOfAll } from './process-tree.ts'
import { makeStores, type ScaleEngine } from './scale-store.ts'

const workerCounts = [1, 2, 4] as const
const requestsToWarm = 30_000
const longestWarmUpMs = 60_000

/** `POST /v1/verifications` of one, two and four workers, each on a store of their own, all of them on all cores. */
export async function measureWorkers(effort: Effort, _cores: Cores): Promise<Finding[]> {
  await using generator = startGenerator(null)
  return [...(await measureOn('SQLite', generator, effort)), ...(await measureOn('PostgreSQL', generator, effort))]
}

interface Workers {
  readonly size: number
  readonly server: StartedCutover
  readonly exchanges: readonly Exchange[]
}

async function measureOn(engine: ScaleEngine, generator: Generator, effort: Effort): Promise<Finding[]> {
  await using running = new AsyncDisposableStack()
  const { stores } = running.use(await makeStores(engine, workerCounts))
  const all: Workers[] = []
  for (const { size, settings } of stores) {
    const server = running.use(await startCutover(null, settings, [], ['--workers', String(size)]))
    all.push({ size, server, exchanges: await proveVerifications(server) })
  }
  for (const each of all) await warmUp(generator, each, effort.warmUpMs)
  const bySize = await overSizes(all, effort.loadRounds, (each) => load(generator, each, effort.loadRoundMs))
  const over = { name: 'workers', first: 'one' }
  const what = `${engine}: POST /v1/verifications`
  return [
    curveFinding(bySize, 'byClock', { what: `${what}, by the clock`, unit: 'requests/s', over }),
    curveFinding(bySize, 'byCpu', { what: `${what}, a second of processor time`, unit: 'requests/s', over }),
  ]
}

/** By requests, not by time: each of several runs a share of the load, and code that has run seldom is slow. */
async function warmUp(generator: Generator, each: Workers, durationMs: number): Promise<void> {
  const endMs = performance.now() + longestWarmUpMs
  for (let left = each.size * requestsToWarm; left > 0 && performance.now() < endMs; ) {
    left -= (await load(generator, each, durationMs)).answered
  }
}

/** Both: more workers answer more in a second, and none of them for less. */
async function load(
  generator: Generator,
  { server, exchanges }: Workers,
  durationMs: number,
): Promise<Figures<'byClock' | 'byCpu' | 'answered'>> {
  const { port, token, pid } = server
  const cpuBefore = await cpuSecondsOfAll(pid)
  const startMs = performance.now()
  const asked = { port, token, path: verificationPath, exchanges, connections, durationMs, ratePerSecond: null }
  const { answered } = await generator.run(asked)
  const elapsedSeconds = (performance.now() - startMs) / 1000
  const cpuSeconds = (await cpuSecondsOfAll(pid)) - cpuBefore
  return { answered, byClock: answered / elapsedSeconds, byCpu: answered / cpuSeconds }
}
