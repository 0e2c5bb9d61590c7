import { mkdtempDisposable, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Usage } from '@cutover/contract'
import { assemble, type Cutover, readSettings } from '../packages/server/dist/main.js'
import { type Cores, pinnedTo } from './cores.ts'
import type { Finding } from './finding.ts'
import { interleave } from './interleave.ts'
import type { Effort } from './options.ts'
import { median, medianRatio } from './statistics.ts'

const manySecrets = 1000
const askedSecrets = 10
const days = 90
const dayMs = 86_400_000
const platforms = ['web', 'ios', 'android'] as const
const spans = { minute: 1, hour: 60, day: 1440 } as const
type Span = keyof typeof spans

/** What usage costs the store, on SQLite: a question over 90 days, and bytes. */
export async function measureUsage(effort: Effort, cores: Cores): Promise<Finding[]> {
  return pinnedTo(cores.subject, async () => [await measureQuery(effort), ...(await measureGrowth())])
}

/** The whole `GET …/usage` in this process, of one secret among a thousand that were used every hour. */
async function measureQuery(effort: Effort): Promise<Finding> {
  await using server = await openServer()
  const endMs = Math.floor(Date.now() / dayMs) * dayMs
  const asked = await makeSecrets(server, askedSecrets)
  for (const id of asked) await use(server, id, { untilMs: endMs, days, platforms, of: ['hour'] })
  for (let id = askedSecrets + 1; id <= manySecrets; id += 1) {
    await use(server, id, { untilMs: endMs, days, platforms: ['web'], of: ['hour'] })
  }
  const cost = async (overDays: number) => {
    const query = `bucket=hour&from=${iso(endMs - overDays * dayMs)}&to=${iso(endMs)}`
    const paths = asked.map((id) => `/v1/identity-secrets/${id}/usage?${query}`)
    const proven = await provenUsage(server, paths, overDays * 24 * platforms.length)
    let turn = 0
    return async () => {
      const untilMs = performance.now() + effort.inProcessRoundMs
      const cpuBefore = process.cpuUsage()
      let asks = 0
      while (performance.now() < untilMs) {
        const answer = await askUsage(server, paths[turn % paths.length] ?? '')
        if (answer !== proven) throw new Error('an answer differs from the one before')
        turn += 1
        asks += 1
      }
      const { user, system } = process.cpuUsage(cpuBefore)
      return (user + system) / 1000 / asks
    }
  }
  const figures = await interleave({ long: await cost(days), short: await cost(1) }, effort.inProcessRounds)
  return {
    unit: 'ms',
    subject: {
      what: `usage over ${days} days, ${manySecrets} secrets`,
      figure: median(figures.long),
      rounds: figures.long,
    },
    baseline: { what: 'over one day', figure: median(figures.short), rounds: figures.short },
    ratio: medianRatio(figures.long, figures.short),
    target: { of: 'figure', atMost: 20 },
    cautions: [],
  }
}

/** Of a secret that is used in every minute of a day, on one platform. */
async function measureGrowth(): Promise<Finding[]> {
  const all = await bytesPerSecretAndDay(['minute', 'hour', 'day'])
  const kept = await bytesPerSecretAndDay(['hour', 'day'])
  return [
    {
      unit: 'bytes',
      subject: { what: 'store for a secret and day of use, first 48 h', figure: all, rounds: [all] },
      baseline: { what: 'then, for 90 days', figure: kept, rounds: [kept] },
      ratio: all / kept,
      target: null,
      cautions: [],
    },
  ]
}

async function bytesPerSecretAndDay(of: readonly Span[]): Promise<number> {
  const secrets = 100
  const overDays = 2
  await using server = await openServer()
  const endMs = Math.floor(Date.now() / dayMs) * dayMs
  const before = await sizeOf(server)
  for (let id = 1; id <= secrets; id += 1) {
    await use(server, id, { untilMs: endMs, days: overDays, platforms: ['web'], of })
  }
  return ((await sizeOf(server)) - before) / secrets / overDays
}

interface Server extends AsyncDisposable {
  readonly cutover: Cutover
  readonly token: string
  readonly path: string
}

async function openServer(): Promise<Server> {
  const directory = await mkdtempDisposable(join(tmpdir(), 'cutover-bench-'))
  let token = ''
  const onFirstToken = (made: string) => {
    token = made
  }
  const settings = readSettings({
    CUTOVER_DATA_DIR: directory.path,
    CUTOVER_LOG_LEVEL: 'error',
    CUTOVER_RATE_LIMIT_PER_MINUTE: '0',
    CUTOVER_MAX_ACTIVE_SECRETS: String(manySecrets),
  })
  const cutover = await assemble(settings, { onFirstToken })
  await cutover.app.ready()
  return {
    cutover,
    token,
    path: join(directory.path, 'cutover.db'),
    async [Symbol.asyncDispose]() {
      await cutover.stop()
      await directory.remove()
    },
  }
}

async function makeSecrets({ cutover, token }: Server, count: number): Promise<readonly number[]> {
  const ids: number[] = []
  for (let made = 0; made < count; made += 1) {
    const response = await cutover.app.inject({
      method: 'POST',
      url: '/secure_mode_secrets',
      headers: { authorization: `Bearer ${token}` },
      payload: { name: 'bench', supports_web: true, supports_ios: true, supports_android: true },
    })
    ids.push(Number(response.json().id))
  }
  return ids
}

interface Use {
  readonly untilMs: number
  readonly days: number
  readonly platforms: readonly (typeof platforms)[number][]
  readonly of: readonly Span[]
}

/** As the flush writes it, one use in each bucket. */
async function use({ cutover }: Server, secretId: number, { untilMs, days, platforms, of }: Use): Promise<void> {
  const rows = of.flatMap((span) => {
    const spanMinutes = spans[span]
    const buckets = (days * 1440) / spanMinutes
    return Array.from({ length: buckets }, (_, index) => untilMs - (buckets - index) * spanMinutes * 60_000).flatMap(
      (startMs) => platforms.map((platform) => ({ secretId, spanMinutes, startMs, platform, count: 60 })),
    )
  })
  await cutover.store.transaction((tx) => tx.usage.addCounts(rows))
}

/** The answer that all of them give, once it is certain that it is complete. */
async function provenUsage(server: Server, paths: readonly string[], buckets: number): Promise<string> {
  const answers = new Set<string>()
  for (const path of paths) answers.add(await askUsage(server, path))
  const [proven = '', ...others] = answers
  const { data } = JSON.parse(proven) as Usage // sound: counted here
  if (others.length > 0 || data.length !== buckets) throw new Error(`not ${buckets} buckets for each secret`)
  return proven
}

async function askUsage({ cutover, token }: Server, url: string): Promise<string> {
  return (await cutover.app.inject({ url, headers: { authorization: `Bearer ${token}` } })).body
}

/** With everything in the database that is still in its journal. */
async function sizeOf({ cutover, path }: Server): Promise<number> {
  cutover.opened.checkpoint()
  return (await stat(path)).size
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
