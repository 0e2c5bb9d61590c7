import type { TokenUses } from './access-tokens/token-uses.ts'
import type { CheckpointLog } from './audit/checkpoint-log.ts'
import type { RefusalRecorder } from './audit/refusal-recorder.ts'
import { purgeDeletedSecrets } from './identity-secrets/purge-deleted-secrets.ts'
import { forgetSignatures } from './integrators/consume-signature.ts'
import type { LiveSessions } from './sessions/live-sessions.ts'
import type { Store } from './storage/store.ts'
import type { System } from './system.ts'
import type { UsagePruner } from './usage/prune-usage.ts'

const usesFlushMs = 10_000
const usageFlushMs = 2000
const housekeepingMs = 60_000

/** A node that is further behind drops its caches instead of reading what it missed. */
const keptChanges = 10_000

export interface Housekeeping {
  readonly store: Store
  readonly system: System
  readonly uses: TokenUses
  readonly sessions: LiveSessions
  readonly usagePruner: UsagePruner
  readonly refusals: RefusalRecorder
  readonly checkpointLog: CheckpointLog
  readonly node: { readonly applied: number }
  flushUsage(): Promise<void>
}

/** What a process writes and forgets now and then; returns what ends it. */
export function keepHouse(house: Housekeeping): () => void {
  const { store, system, uses, sessions, usagePruner, refusals, checkpointLog, node } = house
  const timers = [
    every(usesFlushMs, () => uses.flush()),
    every(usesFlushMs, () => sessions.flush()),
    every(usageFlushMs, () => house.flushUsage()),
    every(housekeepingMs, () => usagePruner.turn()),
    every(housekeepingMs, () => refusals.flush()),
    every(housekeepingMs, () => checkpointLog.flush()),
    every(housekeepingMs, () => sessions.prune(system.nowMs())),
    every(housekeepingMs, () => store.read.keptAnswers.deleteExpired(system.nowMs())),
    every(housekeepingMs, () => purgeDeletedSecrets({ store, system, secrets: store.read.identitySecrets })),
    every(housekeepingMs, () => forgetSignatures({ store, system })),
    every(housekeepingMs, () => store.read.epoch.forgetChangesBefore(node.applied - keptChanges)),
  ]
  return () => {
    for (const timer of timers) clearInterval(timer)
  }
}

/** Failures pass: what could not be done now is tried at the next turn. */
function every(milliseconds: number, work: () => Promise<void>): NodeJS.Timeout {
  return setInterval(() => void work().catch(() => {}), milliseconds).unref()
}
