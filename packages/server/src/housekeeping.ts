import type { TokenUses } from './access-tokens/token-uses.ts'
import { admitMasterKey } from './admit-master-key.ts'
import type { CheckpointLog } from './audit/checkpoint-log.ts'
import type { RefusalRecorder } from './audit/refusal-recorder.ts'
import type { ClusterNode } from './cluster/cluster-node.ts'
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

export interface HousekeepingParts {
  readonly store: Store
  readonly system: System
  readonly node: ClusterNode
  readonly uses: TokenUses
  readonly sessions: LiveSessions
  readonly usagePruner: UsagePruner
  readonly refusals: RefusalRecorder
  readonly checkpointLog: CheckpointLog
  /** Of the master keys that are configured. */
  readonly firstKeyId: string
  flushUsage(): Promise<void>
}

/** What is done again and again while a process serves. @returns ends it */
export function keepHouse(parts: HousekeepingParts): () => void {
  const { store, system, node, uses, sessions, usagePruner, refusals, checkpointLog } = parts
  const timers = [
    every(usesFlushMs, () => uses.flush()),
    every(usesFlushMs, () => sessions.flush()),
    every(usageFlushMs, () => parts.flushUsage()),
    every(housekeepingMs, () => usagePruner.turn()),
    every(housekeepingMs, () => refusals.flush()),
    every(housekeepingMs, () => checkpointLog.flush()),
    every(housekeepingMs, () => sessions.prune(system.nowMs())),
    every(housekeepingMs, () => store.read.keptAnswers.deleteExpired(system.nowMs())),
    every(housekeepingMs, () => purgeDeletedSecrets({ store, system, secrets: store.read.identitySecrets })),
    every(housekeepingMs, () => forgetSignatures({ store, system })),
    every(housekeepingMs, () => store.read.epoch.forgetChangesBefore(node.applied - keptChanges)),
    every(housekeepingMs, () => preferFirstKey(parts)),
  ]
  return () => {
    for (const timer of timers) clearInterval(timer)
  }
}

/** The last node without it may have left since this one has started. */
async function preferFirstKey({ store, system, firstKeyId }: HousekeepingParts): Promise<void> {
  await admitMasterKey({ store, system, actor: { type: 'system', id: 'housekeeping', name: null } }, firstKeyId)
}

/** Failures pass: what could not be done now is tried at the next turn. */
function every(milliseconds: number, work: () => Promise<void>): NodeJS.Timeout {
  return setInterval(() => void work().catch(() => {}), milliseconds).unref()
}
