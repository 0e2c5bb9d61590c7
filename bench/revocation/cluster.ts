import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { childrenOf } from '../../test-support/postgres-server.ts'
import { type PostgresStore, startPostgresStore } from '../postgres-cluster.ts'
import { Node } from './node.ts'
import { StoreLink } from './store-link.ts'
import { atRate, canSetClocks, WallClock } from './wall-clock.ts'

/** True time, and near the bound that is assumed, on both sides of it. */
const clockRates = [1, 0.92, 1.08]

export interface ClusterOptions {
  readonly nodes: number
  readonly leaseMs: number
  /** Of Node itself, for every server. */
  readonly nodeArguments: readonly string[]
  /** Told when a process ends that nobody has ended. */
  onEnd(name: string, printed: string): void
}

/** Nodes on one PostgreSQL, each behind a link of its own. */
export class Cluster implements AsyncDisposable {
  readonly nodes: readonly Node[]
  readonly store: PostgresStore
  readonly #directory: string

  private constructor(directory: string, store: PostgresStore, nodes: readonly Node[]) {
    this.#directory = directory
    this.store = store
    this.nodes = nodes
  }

  static async start({ nodes: count, leaseMs, nodeArguments, onEnd }: ClusterOptions): Promise<Cluster> {
    const directory = await mkdtemp(join(tmpdir(), 'cutover-revocation-'))
    const store = await startPostgresStore()
    const nodes: Node[] = []
    const cluster = new Cluster(directory, store, nodes)
    for (let index = 0; index < count; index += 1) {
      const name = `node ${index + 1}`
      const link = await StoreLink.open(store.server.port)
      const url = new URL(store.settings['CUTOVER_DATABASE_URL'] ?? '')
      url.port = String(link.port)
      const environment = {
        ...store.settings,
        CUTOVER_DATABASE_URL: url.href,
        CUTOVER_DATA_DIR: join(directory, String(index)),
        CUTOVER_LEASE_MS: String(leaseMs),
        CUTOVER_RATE_LIMIT_PER_MINUTE: '0',
        CUTOVER_MAX_ACTIVE_SECRETS: '1000',
        // So few that keysets are thrown out and loaded again all the time, on every other node.
        CUTOVER_KEYSET_CACHE: index % 2 === 0 ? '3' : '100',
      }
      const rate = clockRates[index % clockRates.length] ?? 1
      const clock = canSetClocks && rate === 1 ? new WallClock(join(directory, `clock-${index}`)) : null
      nodes.push(
        new Node(name, link, clock, { environment: { ...environment, ...atRate(rate) }, nodeArguments }, onEnd),
      )
    }
    const [first, ...others] = nodes
    await first?.start()
    await Promise.all(others.map((node) => node.start()))
    return cluster
  }

  get token(): string {
    return this.store.settings['CUTOVER_BOOTSTRAP_TOKEN'] ?? ''
  }

  /** Asks the database itself, past every link. */
  async inStore<Result>(work: (client: pg.Client) => Promise<Result>): Promise<Result> {
    const client = new pg.Client({ connectionString: this.store.settings['CUTOVER_DATABASE_URL'] })
    client.on('error', () => {})
    await client.connect()
    try {
      return await work(client)
    } finally {
      await client.end()
    }
  }

  /** Every process of the database stands still, its connections stay. @returns lets them go on */
  async freezeStore(): Promise<() => void> {
    const { pid } = this.store.server
    const pids = [...(pid === undefined ? [] : [pid]), ...(await childrenOf(pid))]
    const signal = (name: NodeJS.Signals) => {
      for (const each of pids) signalIfAlive(each, name)
    }
    signal('SIGSTOP')
    return () => signal('SIGCONT')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.end('SIGKILL')))
    for (const { link } of this.nodes) await link[Symbol.asyncDispose]()
    await this.store[Symbol.asyncDispose]()
    await rm(this.#directory, { recursive: true, force: true })
  }
}

function signalIfAlive(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It ended by itself.
  }
}
