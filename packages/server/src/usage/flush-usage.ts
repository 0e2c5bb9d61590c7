import { sourcesKept } from './bounded-sources.ts'
import { heaviestOrLatest } from './crowded-sources.ts'
import type { UsageStore, UsageTransaction, UsageWriter } from './ports.ts'
import type { UsageBatch, UsageCounters } from './usage-counters.ts'
import { pausesOf, type UsageRows, usageRows } from './usage-rows.ts'

export interface UsageFlusherPorts {
  readonly counters: Pick<UsageCounters, 'take'>
  readonly store: UsageStore
  readonly system: { nowMs(): number }
  /** Of this run of this process: never given twice. */
  readonly processId: string
  /** `null`: it is no member at this moment. */
  nodeId(): string | null
  /** Where other processes ask, they are to be told even when there is nothing new. */
  readonly hasCompany: boolean
  /** Told, after each commit, which secrets were used: some hundreds at a time. */
  onFlushed(usedIds: readonly string[]): void
}

/** Whoever is told asks the store about them, in one statement. */
const idsAtOnce = 500

interface Pending {
  readonly batch: number
  readonly countedUntilMs: number
  readonly rows: UsageRows
}

/**
 * Writes what was counted, one batch at a time. A batch that could not be written is tried again, before anything newer,
 * and under its old number: should it have been written after all, it is not counted twice.
 */
export class UsageFlusher {
  readonly #ports: UsageFlusherPorts
  #nodeId: string | null = null
  #reportedNodeId: string | null = null
  #batch = 0
  #pending: Pending | undefined
  #countedUntilMs: number
  #running: Promise<void> | undefined
  #next: Promise<void> | undefined

  constructor(ports: UsageFlusherPorts) {
    this.#ports = ports
    this.#countedUntilMs = ports.system.nowMs()
  }

  get processId(): string {
    return this.#ports.processId
  }

  get nodeId(): string | null {
    return this.#ports.nodeId()
  }

  /** What this process verified before this moment is in the store. */
  get countedUntilMs(): number {
    return this.#countedUntilMs
  }

  /** Resolves when everything that was counted before this call is in the store; rejects when it could not be. */
  flush(): Promise<void> {
    if (!this.#running) return this.#start()
    // The one that is running may have begun before: all who come meanwhile wait for the same next one.
    this.#next ??= this.#running
      .catch(() => {})
      .then(() => {
        this.#next = undefined
        return this.#start()
      })
    return this.#next
  }

  /** The last one, once nothing is verified any more: after it nobody waits for a report of this process. */
  async finish(): Promise<void> {
    await this.flush()
    const report = { processId: this.#ports.processId, nodeId: this.#nodeId ?? this.#ports.processId }
    await this.#ports.store.transaction((tx) => tx.usage.finishReport(report, this.#countedUntilMs))
  }

  #start(): Promise<void> {
    this.#running = this.#write().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #write(): Promise<void> {
    if (this.#pending) await this.#commit(this.#pending)
    const { counters, system } = this.#ports
    this.#pending = this.#number(counters.take(system.nowMs()))
    await this.#commit(this.#pending)
  }

  #number({ minutes, countedUntilMs }: UsageBatch): Pending {
    this.#batch += 1
    return { batch: this.#batch, countedUntilMs, rows: usageRows(minutes) }
  }

  async #commit(pending: Pending): Promise<void> {
    const { processId, store, hasCompany, onFlushed } = this.#ports
    this.#nodeId = this.#ports.nodeId() ?? this.#nodeId
    const { rows, batch, countedUntilMs } = pending
    const nodeId = this.#nodeId ?? processId
    if (hasCompany || nodeId !== this.#reportedNodeId || !isEmpty(rows)) {
      await store.transaction(async (tx) => {
        const isNew = await tx.usage.report({ processId, nodeId, batch, countedUntilMs })
        if (isNew) await addRows(tx, rows)
      })
      this.#reportedNodeId = nodeId
    }
    this.#pending = undefined
    this.#countedUntilMs = countedUntilMs
    const usedIds = rows.uses.map(({ secretId }) => String(secretId))
    for (let from = 0; from < usedIds.length; from += idsAtOnce) onFlushed(usedIds.slice(from, from + idsAtOnce))
  }
}

function isEmpty({ uses, outcomes }: UsageRows): boolean {
  return uses.length === 0 && outcomes.length === 0
}

async function addRows({ usage }: UsageTransaction, rows: UsageRows): Promise<void> {
  const ids = rows.uses.map(({ secretId }) => secretId)
  const lastUses = await usage.lastUses(ids)
  await usage.addUses(rows.uses)
  await usage.addCounts(rows.counts)
  await usage.addPauses(
    rows.uses.flatMap(({ secretId, stretches }) => pausesOf(secretId, lastUses.get(secretId), stretches)),
  )
  await usage.addSources(rows.sources)
  await thinOutSources(usage, ids)
  await usage.addOutcomes(rows.outcomes)
}

/** What is removed is counted on, without its name. */
async function thinOutSources(usage: UsageWriter, secretIds: readonly number[]): Promise<void> {
  const crowded = await usage.crowdedSources(secretIds, sourcesKept)
  for (const [secretId, surplus] of heaviestOrLatest(crowded, sourcesKept)) {
    const removed = await usage.removeSources(secretId, surplus)
    const count = removed.reduce((sum, each) => sum + each.count, 0)
    const lastSeenMs = Math.max(0, ...removed.map((each) => each.lastSeenMs))
    if (count > 0) await usage.addSources([{ secretId, source: '', count, lastSeenMs }])
  }
}
