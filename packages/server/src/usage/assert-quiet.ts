import { setTimeout as pause } from 'node:timers/promises'
import { DomainError } from '../domain-error.ts'
import { isoTime } from '../iso-time.ts'
import { type Heard, heardNodes } from './heard-nodes.ts'
import type { UsageReader, UsageWriter } from './ports.ts'
import type { CutoverPorts } from './read-cutover.ts'

export interface QuietPorts extends CutoverPorts {
  readonly usage: UsageReader & Pick<UsageWriter, 'askForReports'>
}

/** The part of the transaction that the guard reads from. */
export interface QuietTransaction {
  readonly usage: Pick<UsageReader, 'lastUseMs' | 'sources'>
}

/** Throws, inside the transaction that is to be kept from committing, when one of these secrets was used. */
export type QuietGuard = (tx: QuietTransaction, secretIds: readonly string[]) => Promise<void>

const patienceMs = 5000
const lookEveryMs = 100
const namedSources = 3

/**
 * A guard for what must happen only where nothing was verified for `quietMs` before this call. First every node tells
 * what it verified until now, so that the guard, once it runs, sees all of that, and what has come since.
 */
export async function quietGuard(ports: QuietPorts, quietMs: number): Promise<QuietGuard> {
  const askedMs = ports.system.nowMs()
  const heard = await hearUntil(ports, askedMs)
  const sinceMs = askedMs - quietMs
  if (heard.lostUntilMs !== null && heard.lostUntilMs > sinceMs) throw lost(heard.lostUntilMs)
  return async ({ usage }, secretIds) => {
    const lastMs = await usage.lastUseMs(secretIds)
    if (lastMs === null || lastMs <= sinceMs) return
    const sources = (await usage.sources(secretIds)).flatMap(({ source }) => source ?? [])
    throw new DomainError('secret_in_use', { detail: inUse(lastMs, sources.slice(0, namedSources)) })
  }
}

async function hearUntil(ports: QuietPorts, askedMs: number): Promise<Heard> {
  const giveUpAtMs = performance.now() + patienceMs
  await ports.flusher.flush().catch(() => {})
  let heard = await look(ports)
  if (heard.untilMs < askedMs) await ports.usage.askForReports().catch(() => {})
  while (heard.untilMs < askedMs && performance.now() < giveUpAtMs) {
    await pause(lookEveryMs)
    heard = await look(ports)
  }
  if (heard.untilMs < askedMs) throw new DomainError('usage_unknown', { detail: unheard(heard) })
  return heard
}

async function look({ nodes, usage, flusher, system }: QuietPorts): Promise<Heard> {
  const { processId, nodeId, countedUntilMs } = flusher
  return heardNodes(await nodes.list(), await usage.reports(), { processId, nodeId, countedUntilMs }, system.nowMs())
}

function unheard({ silent: [first], untilMs }: Heard): string {
  const who = first ? `Node ${first.nodeId}` : 'A node'
  return `${who} has not told since ${isoTime(untilMs)} what it verified: nothing was deleted`
}

function lost(untilMs: number): DomainError {
  const until = isoTime(untilMs)
  return new DomainError('usage_unknown', {
    detail: `A process ended without telling what it verified last, at ${until} at the latest: nothing was deleted`,
  })
}

function inUse(lastMs: number, sources: readonly string[]): string {
  const by = sources.length === 0 ? '' : `; it was last used by ${sources.join(', ')}`
  return `The secret last verified something at ${isoTime(lastMs)}${by}: nothing was deleted`
}
