import type { NodeStore } from '../cluster/ports.ts'
import { endedReports } from './heard-nodes.ts'
import type { UsageStore, UsageWriter } from './ports.ts'

const hourMs = 3_600_000
const dayMs = 86_400_000

/** Longer than any quiet that can be asked for. */
const reportsKeptMs = 65 * dayMs
const secretsPerTurn = 200

export interface PrunePorts {
  readonly store: UsageStore
  readonly usage: Pick<UsageWriter, 'usedSecrets' | 'reports'>
  readonly nodes: Pick<NodeStore, 'list'>
  readonly system: { nowMs(): number }
}

/** Forgets what is too old: a number of secrets at each turn, one after the other and then from the beginning. */
export class UsagePruner {
  readonly #ports: PrunePorts
  #afterId = 0

  constructor(ports: PrunePorts) {
    this.#ports = ports
  }

  async turn(): Promise<void> {
    const { store, usage, system } = this.#ports
    const nowMs = system.nowMs()
    await this.#rememberEnds(nowMs)
    const secretIds = await usage.usedSecrets(this.#afterId, secretsPerTurn)
    this.#afterId = secretIds.length < secretsPerTurn ? 0 : (secretIds.at(-1) ?? 0)
    await store.transaction(async (tx) => {
      await tx.usage.forgetUses(secretIds, {
        minutesMs: nowMs - 48 * hourMs,
        hoursMs: nowMs - 90 * dayMs,
        daysMs: nowMs - 2 * 365 * dayMs,
        pausesMs: nowMs - 35 * dayMs,
      })
      await tx.usage.forgetOutcomesBefore(nowMs - 90 * dayMs)
      await tx.usage.forgetReportsEndedBefore(nowMs - reportsKeptMs, nowMs - hourMs)
    })
  }

  /** While the row of its node still tells when that was. */
  async #rememberEnds(nowMs: number): Promise<void> {
    const { store, usage, nodes } = this.#ports
    const open = (await usage.reports()).filter(({ endedAtMs }) => endedAtMs === null)
    for (const report of endedReports(await nodes.list(), open, nowMs)) {
      await store.transaction((tx) => tx.usage.markEnded(report, report.endedAtMs))
    }
  }
}
