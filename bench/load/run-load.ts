import { percentile } from '../statistics.ts'
import { Connection, prepareExchanges } from './connection.ts'
import type { Load, LoadFigures, LoadResult } from './exchange.ts'
import { orFault } from './or-fault.ts'

/** How long answers may be missing after the last request was sent. */
const drainMs = 60_000

export function runLoad(load: Load): Promise<LoadResult> {
  return orFault(new LoadRun(load))
}

class LoadRun {
  readonly #load: Load
  readonly #exchanges: ReturnType<typeof prepareExchanges>
  readonly #connections: readonly Connection[]
  readonly #idle: Connection[] = []
  readonly #latenciesMs: number[] = []
  readonly #ended = Promise.withResolvers<void>()
  /** When requests were due that no connection was free for. */
  readonly #late: number[] = []
  #sent = 0
  #endMs = 0
  #dueMs = 0
  #allSent = false

  constructor(load: Load) {
    this.#load = load
    this.#exchanges = prepareExchanges(load)
    const listener = {
      onAnswer: (connection: Connection, startedMs: number) => this.#answered(connection, startedMs),
      onFault: (fault: string) => this.#ended.reject(new Error(fault)),
    }
    this.#connections = Array.from({ length: load.connections }, () => new Connection(load.port, listener))
  }

  async result(): Promise<LoadFigures> {
    const { durationMs, ratePerSecond } = this.#load
    const cpuBefore = process.cpuUsage()
    this.#dueMs = performance.now()
    this.#endMs = this.#dueMs + durationMs
    if (ratePerSecond === null) {
      this.#stayAwake()
      for (const connection of this.#connections) this.#send(connection, this.#dueMs)
    } else {
      this.#idle.push(...this.#connections)
      this.#sendWhatIsDue(1000 / ratePerSecond)
    }
    const guard = setTimeout(() => this.#ended.reject(new Error('an answer is missing')), durationMs + drainMs)
    await this.#ended.promise.finally(() => clearTimeout(guard))

    const { user, system } = process.cpuUsage(cpuBefore)
    const sorted = Float64Array.from(this.#latenciesMs).sort()
    return {
      answered: sorted.length,
      p50Ms: percentile(sorted, 0.5),
      p99Ms: percentile(sorted, 0.99),
      cpuSeconds: (user + system) / 1e6,
    }
  }

  close(): void {
    for (const connection of this.#connections) connection.close()
  }

  /**
   * A core that sleeps is woken by the server's write, which in a virtual machine costs the server more than the answer:
   * the faster server, which lets the generator sleep less, would look faster than it is.
   */
  #stayAwake(): void {
    if (!this.#allSent) setImmediate(() => this.#stayAwake())
  }

  /**
   * Independent clients: exponential gaps. A latency counts from when its request was due, not from when it could be
   * sent, so that a server that stalls is charged for all who had to wait meanwhile.
   */
  #sendWhatIsDue(meanGapMs: number): void {
    const nowMs = performance.now()
    while (this.#dueMs <= nowMs && this.#dueMs < this.#endMs) {
      const connection = this.#idle.pop()
      if (connection) this.#send(connection, this.#dueMs)
      else this.#late.push(this.#dueMs)
      this.#dueMs -= meanGapMs * Math.log(1 - Math.random())
    }
    if (this.#dueMs < this.#endMs) {
      const goOn = () => this.#sendWhatIsDue(meanGapMs)
      if (this.#load.isYielding) setTimeout(goOn, 1)
      else setImmediate(goOn)
    } else {
      this.#allSent = true
      this.#endWhenAllAreIdle()
    }
  }

  #send(connection: Connection, startedMs: number): void {
    const exchange = this.#exchanges[this.#sent % this.#exchanges.length]
    if (!exchange) throw new RangeError('a load needs at least one exchange')
    this.#sent += 1
    connection.send(exchange, startedMs)
  }

  #answered(connection: Connection, startedMs: number): void {
    const nowMs = performance.now()
    const isPaced = this.#load.ratePerSecond !== null
    if (!isPaced && nowMs >= this.#endMs) this.#allSent = true
    this.#latenciesMs.push(nowMs - startedMs)

    const next = isPaced ? this.#late.shift() : nowMs
    if (next !== undefined && (isPaced || !this.#allSent)) this.#send(connection, next)
    else {
      this.#idle.push(connection)
      this.#endWhenAllAreIdle()
    }
  }

  #endWhenAllAreIdle(): void {
    if (this.#allSent && this.#idle.length === this.#connections.length) this.#ended.resolve()
  }
}
