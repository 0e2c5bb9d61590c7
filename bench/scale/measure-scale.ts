import { type Cores, pinnedTo } from '../cores.ts'
import type { Finding } from '../finding.ts'
import type { Effort } from '../options.ts'
import { aimedAt } from '../targets.ts'
import { measureKeysets } from './measure-memory.ts'
import { measureRequests, type Serving } from './measure-requests.ts'
import { type Assembled, assembleOn, measureStoreWork } from './measure-store-work.ts'
import { startObserved } from './observed-server.ts'
import { curveFinding, overSizes } from './over-sizes.ts'
import { makeStores, type ScaleEngine, type ScaleStore, secretsEach } from './scale-store.ts'

const common = { CUTOVER_RATE_LIMIT_PER_MINUTE: '0', CUTOVER_LOG_LEVEL: 'error' } as const

/** How a server fares on stores of more and more tenants, on both engines. */
export async function measureScale(effort: Effort, cores: Cores): Promise<Finding[]> {
  const onSqlite = await measureEngine('SQLite', effort, cores)
  return effort.isScaleWhole ? [...onSqlite, ...(await measureEngine('PostgreSQL', effort, cores))] : onSqlite
}

async function measureEngine(engine: ScaleEngine, effort: Effort, cores: Cores): Promise<Finding[]> {
  await using made = await makeStores(engine, effort.scaleSizes)
  const { stores } = made
  for (const store of stores) if (store.size > 0) await told(`  ${engine}: fill ${store.size}`, () => store.fill())
  const atStart = await told(`  ${engine}: starts`, () => measureStarts(engine, stores, effort, cores))
  const disk = await measureDisk(engine, stores)
  for (const store of stores) if (store.size === 0) await store.fill()
  const requests = await told(`  ${engine}: requests`, () => measureServing(engine, stores, effort, cores))
  if (!effort.isScaleWhole) return [...atStart, ...disk, ...requests]
  const work = await told(`  ${engine}: appends, flushes`, () => measureWork(engine, stores, effort, cores))
  return [...atStart, ...disk, ...requests, ...work]
}

async function told<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  const startMs = performance.now()
  const result = await work()
  console.log(`${what}, ${Math.round((performance.now() - startMs) / 1000)} s`)
  return result
}

async function measureStarts(
  engine: ScaleEngine,
  stores: readonly ScaleStore[],
  effort: Effort,
  cores: Cores,
): Promise<Finding[]> {
  const bySize = await overSizes(stores, effort.starts, async (store) => {
    await using server = await startObserved({ ...common, ...store.settings }, cores.subject)
    const { cpuSeconds } = await server.report()
    const { residentBytes } = await server.reportCollected()
    return { ready: server.readyMs, cpu: cpuSeconds * 1000, resident: residentBytes / 1e6 }
  })
  const largest = stores.at(-1)?.size ?? 0
  const reduced = largest < 1_000_000 ? { reducedTo: `at ${largest.toLocaleString('en')}` } : {}
  return [
    {
      ...curveFinding(bySize, 'ready', { what: `${engine}: time to ready`, unit: 'ms' }),
      ...{ ...aimedAt('ready'), ...reduced },
    },
    curveFinding(bySize, 'cpu', { what: `${engine}: processor time to ready`, unit: 'ms' }),
    curveFinding(bySize, 'resident', { what: `${engine}: memory at rest`, unit: 'MB' }),
  ]
}

async function measureDisk(engine: ScaleEngine, stores: readonly ScaleStore[]): Promise<Finding[]> {
  const sizes = await Promise.all(
    stores.map(async (store) => ({ size: store.size, rounds: [{ bytes: (await store.bytes()) / 1e6 }] })),
  )
  return [curveFinding(sizes, 'bytes', { what: `${engine}: on disk`, unit: 'MB' })]
}

async function measureServing(
  engine: ScaleEngine,
  stores: readonly ScaleStore[],
  effort: Effort,
  cores: Cores,
): Promise<Finding[]> {
  await using running = new AsyncDisposableStack()
  const servers: Serving[] = []
  for (const store of stores) {
    servers.push({
      size: store.size,
      store,
      server: running.use(await startObserved({ ...common, ...store.settings }, cores.subject)),
    })
  }
  const [empty, largest] = [servers[0], servers.at(-1)]
  if (!empty || !largest) throw new RangeError('no stores were made')
  const requests = effort.isScaleWhole ? await measureCurves(engine, servers, effort, cores) : []
  const keysets = Math.min(effort.cachedKeysets, largest.size / secretsEach)
  const memory = await told(`  ${engine}: ${keysets} keysets`, () =>
    measureKeysets({ empty, full: largest }, keysets, engine),
  )
  return [...requests, ...memory]
}

async function measureCurves(
  engine: ScaleEngine,
  servers: readonly Serving[],
  effort: Effort,
  cores: Cores,
): Promise<Finding[]> {
  const bySize = await pinnedTo(cores.load, () => overSizes(servers, effort.loadRounds, measureRequests))
  const ms = (name: Parameters<typeof curveFinding<keyof (typeof bySize)[0]['rounds'][0]>>[1], what: string) =>
    curveFinding(bySize, name, { what: `${engine}: ${what}`, unit: 'ms' })
  return [
    ms('list', 'list of one workspace'),
    ms('create', 'create'),
    ms('delete', 'delete'),
    ms('cold', 'verification, cold workspace'),
    ms('warm', 'verification, warm workspace'),
    ms('cpu', 'processor time of these five'),
  ]
}

async function measureWork(
  engine: ScaleEngine,
  stores: readonly ScaleStore[],
  effort: Effort,
  cores: Cores,
): Promise<Finding[]> {
  return pinnedTo(cores.subject, async () => {
    await using open = new AsyncDisposableStack()
    const servers: Assembled[] = []
    for (const store of stores) servers.push(open.use(await assembleOn(store)))
    const bySize = await overSizes(servers, effort.loadRounds, measureStoreWork)
    return [
      curveFinding(bySize, 'append', { what: `${engine}: audit append`, unit: 'ms' }),
      curveFinding(bySize, 'flush', { what: `${engine}: usage flush, 200 secrets`, unit: 'ms' }),
    ]
  })
}
