import { type PreparedExchange, prepareExchanges } from '../load/connection.ts'
import { orFault } from '../load/or-fault.ts'
import type { Crowd, CrowdFigures, CrowdResult, Outcome } from './crowd.ts'
import { CrowdConnection } from './crowd-connection.ts'
import { CrowdRecord } from './crowd-record.ts'

/** Before answers are read again. */
const mostAtOnce = 64
/** A generator that is behind by more leaves out what was due: it would send in bursts, which no crowd does. */
const mostBehindMs = 50
const sweepMs = 50
/** Fewer than a listening socket keeps waiting. */
const openedAtOnce = 250
/** What is good whatever it was before. */
const calmMs = 5

export function runCrowd(crowd: Crowd): Promise<CrowdResult> {
  return orFault(new CrowdRun(crowd))
}

class CrowdRun {
  readonly #crowd: Crowd
  readonly #exchanges: readonly PreparedExchange[]
  readonly #connections = new Set<CrowdConnection>()
  /** The one that was asked last is asked first: only a crowd that grows needs more. */
  readonly #idle: CrowdConnection[] = []
  #records: readonly CrowdRecord[] = []
  readonly #ended = Promise.withResolvers<void>()
  #dueMs = 0
  #sent = 0

  constructor(crowd: Crowd) {
    this.#crowd = crowd
    this.#exchanges = prepareExchanges({ ...crowd, durationMs: 0, ratePerSecond: null })
  }

  async result(): Promise<CrowdFigures> {
    await this.#gather()
    const cpuBefore = process.cpuUsage()
    this.#begin()
    const sweep = setInterval(() => this.#hangUpImpatient(), sweepMs)
    this.#sendWhatIsDue()
    await this.#ended.promise.finally(() => clearInterval(sweep))
    const { user, system } = process.cpuUsage(cpuBefore)
    const phases = this.#records.map((record) => record.figures())
    const before = phases[0]?.p99Ms ?? 0
    return {
      phases,
      recoveryMs: this.#records.at(-1)?.calmAfterMs(Math.max(calmMs, 2 * before)) ?? null,
      cpuSeconds: (user + system) / 1e6,
    }
  }

  /** A crowd comes on connections that it has: proxies and clients keep theirs. */
  async #gather(): Promise<void> {
    while (this.#connections.size < this.#crowd.connections) {
      const some = Array.from({ length: openedAtOnce }, () => this.#open()).filter((connection) => connection !== null)
      await Promise.all(some.map((connection) => connection.connected()))
      this.#idle.push(...some)
    }
  }

  #begin(): void {
    this.#dueMs = performance.now()
    let startMs = this.#dueMs
    this.#records = this.#crowd.phases.map((phase) => {
      const record = new CrowdRecord(phase, startMs)
      startMs = record.endMs
      return record
    })
  }

  close(): void {
    for (const connection of this.#connections) connection.close()
  }

  #sendWhatIsDue(): void {
    this.#leaveOutWhatIsLate()
    for (let done = 0; done < mostAtOnce && this.#dueMs <= performance.now(); done += 1) {
      const record = this.#recordOf(this.#dueMs)
      if (!record) {
        this.#endWhenAllAreIdle()
        return
      }
      this.#send(record)
      this.#goOn(record)
    }
    setImmediate(() => this.#sendWhatIsDue())
  }

  #leaveOutWhatIsLate(): void {
    const oldestMs = performance.now() - mostBehindMs
    for (let record = this.#recordOf(this.#dueMs); record && this.#dueMs < oldestMs; ) {
      record.add('unsent', this.#dueMs, oldestMs)
      this.#goOn(record)
      record = this.#recordOf(this.#dueMs)
    }
  }

  /** To the next: the gaps between independent clients are exponential. */
  #goOn({ meanGapMs }: CrowdRecord): void {
    this.#dueMs -= meanGapMs * Math.log(1 - Math.random())
  }

  #send(record: CrowdRecord): void {
    const exchange = this.#exchanges[this.#sent % this.#exchanges.length]
    if (!exchange) throw new RangeError('a crowd needs at least one exchange')
    const connection = this.#idle.pop() ?? this.#open()
    if (!connection) {
      record.add('unsent', this.#dueMs, this.#dueMs)
      return
    }
    this.#sent += 1
    connection.ask(exchange, this.#dueMs)
  }

  #open(): CrowdConnection | null {
    if (this.#connections.size >= this.#crowd.connections) return null
    const connection = new CrowdConnection(this.#crowd.port, {
      onOutcome: (asked, outcome, dueMs, isOpen) => this.#settled(asked, outcome, dueMs, isOpen),
      onIdleEnd: (idle) => this.#forget(idle),
      onWrong: (what) => this.#ended.reject(new Error(`wrong: ${what}`)),
    })
    this.#connections.add(connection)
    return connection
  }

  #settled(connection: CrowdConnection, outcome: Outcome, dueMs: number, isOpen: boolean): void {
    this.#recordOf(dueMs)?.add(outcome, dueMs, performance.now())
    if (isOpen) this.#idle.push(connection)
    else this.#connections.delete(connection)
  }

  #forget(idle: CrowdConnection): void {
    this.#connections.delete(idle)
    const index = this.#idle.indexOf(idle)
    if (index !== -1) this.#idle.splice(index, 1)
  }

  #hangUpImpatient(): void {
    const latestMs = performance.now() - this.#crowd.patienceMs
    for (const connection of this.#connections) {
      const { dueMs } = connection
      if (dueMs !== null && dueMs < latestMs) connection.hangUp('gaveUp')
    }
  }

  /** Whoever is not answered hangs up: this takes no longer than their patience. */
  #endWhenAllAreIdle(): void {
    if (this.#idle.length === this.#connections.size) this.#ended.resolve()
    else setTimeout(() => this.#endWhenAllAreIdle(), sweepMs)
  }

  #recordOf(dueMs: number): CrowdRecord | undefined {
    return this.#records.find(({ endMs }) => dueMs < endMs)
  }
}
