import type { ListedNode, NodeStore } from '../cluster/ports.ts'
import type { System } from '../system.ts'
import type { SecretTally, TallyReader } from './ports.ts'

export interface CensusPorts {
  readonly store: {
    /** Rejects when the store does not answer. */
    ping(): Promise<void>
    readonly read: { readonly metrics: TallyReader }
  }
  readonly nodes: Pick<NodeStore, 'list'>
  readonly system: Pick<System, 'nowMs'>
}

export interface Census {
  readonly takenAtMs: number
  readonly tallies: readonly SecretTally[]
  /** Nodes with a lease. */
  readonly nodes: number
}

export interface CensusReading {
  readonly isStoreUp: boolean
  /** The last one that was complete; `null`: there has been none. */
  readonly census: Census | null
}

const everyMs = 60_000

/**
 * What only the store knows, for whoever scrapes. It is counted when somebody asks and at most once a minute, since
 * counting reads every row; a store that is away, or slow, keeps nobody waiting for long.
 */
export class StoreCensus {
  readonly #ports: CensusPorts
  readonly #patienceMs: number
  #census: Census | null = null
  #attemptedAtMs = Number.NEGATIVE_INFINITY
  #reading: Promise<CensusReading> | undefined
  #ping: Promise<boolean> | undefined
  #count: Promise<void> | undefined

  /** @param patienceMs - for so long a scrape waits for the store, and as long again for its figures */
  constructor(ports: CensusPorts, patienceMs = 1000) {
    this.#ports = ports
    this.#patienceMs = patienceMs
  }

  /** One reading for all who ask at the same time. Never rejects. */
  read(): Promise<CensusReading> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  async #read(): Promise<CensusReading> {
    const isStoreUp = await this.#isUp()
    if (isStoreUp) await within(this.#patienceMs, this.#countWhenDue(), undefined)
    return { isStoreUp, census: this.#census }
  }

  /** Of a store that hangs, one question at a time is asked. */
  #isUp(): Promise<boolean> {
    this.#ping ??= this.#ports.store
      .ping()
      .then(
        () => true,
        () => false,
      )
      .finally(() => {
        this.#ping = undefined
      })
    return within(this.#patienceMs, this.#ping, false)
  }

  #countWhenDue(): Promise<void> {
    const nowMs = this.#ports.system.nowMs()
    const isDue = nowMs < this.#attemptedAtMs || nowMs >= this.#attemptedAtMs + everyMs
    if (!this.#count && isDue) {
      this.#attemptedAtMs = nowMs
      this.#count = this.#take(nowMs).finally(() => {
        this.#count = undefined
      })
    }
    return this.#count ?? Promise.resolve()
  }

  /** What could not be counted is counted a minute later; how old the last count is can be seen. */
  async #take(nowMs: number): Promise<void> {
    const { store, nodes } = this.#ports
    try {
      const tallies = await store.read.metrics.liveSecrets(nowMs)
      const listed = await nodes.list()
      this.#census = { takenAtMs: nowMs, tallies, nodes: listed.filter(hasLease).length }
    } catch {}
  }
}

function hasLease({ fenced, leaseLeftMs }: ListedNode): boolean {
  return !fenced && leaseLeftMs > 0
}

/** What `work` resolves to, or `otherwise` when that takes longer. */
async function within<Result>(milliseconds: number, work: Promise<Result>, otherwise: Result): Promise<Result> {
  const { promise, resolve } = Promise.withResolvers<Result>()
  const timer = setTimeout(() => resolve(otherwise), milliseconds)
  try {
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}
