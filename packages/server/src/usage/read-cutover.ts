import type { Platform, UsagePlatform } from '@cutover/contract'
import { platformNames } from '@cutover/contract'
import type { NodeStore } from '../cluster/ports.ts'
import { isAccepted } from '../signing-secrets/signing-secret.ts'
import { type Judgement, judgeCutover, type Refused, requiredQuietMs } from './cutover-verdict.ts'
import type { UsageFlusher } from './flush-usage.ts'
import { type Heard, heardNodes } from './heard-nodes.ts'
import type { PlatformSum, SeenSource, TrackedSecret, UsageOwner, UsageReader } from './ports.ts'
import { last30Days, lastDay, lastHour } from './time-windows.ts'
import { dayMs } from './usage-rows.ts'

export interface CutoverPorts {
  readonly usage: UsageReader
  readonly nodes: Pick<NodeStore, 'list'>
  readonly flusher: Pick<UsageFlusher, 'flush' | 'processId' | 'nodeId' | 'countedUntilMs'>
  readonly system: { nowMs(): number }
}

export interface CutoverReport extends Judgement {
  readonly lastUseMs: number | null
  readonly requiredMs: number
  readonly trackedSinceMs: number
  readonly counts: { readonly lastHour: number; readonly lastDay: number; readonly last30Days: number }
  readonly shareOfLastDay: number | null
  readonly platforms: readonly UsagePlatform[]
  readonly successors: readonly TrackedSecret[]
  readonly sources: readonly SeenSource[]
}

/** The secrets that are judged as if they were one, and those that may have taken their place. */
export interface Judged {
  readonly owner: UsageOwner
  readonly judged: readonly [TrackedSecret, ...TrackedSecret[]]
  readonly others: readonly TrackedSecret[]
}

/** Of one identity secret, deleted ones too; `null`: there is none of this id in this workspace. */
export async function readCutover(
  ports: CutoverPorts,
  workspaceId: string,
  secretId: string,
  askedQuietMs: number | null,
): Promise<CutoverReport | null> {
  const owner = { workspaceId, integratorId: null }
  const known = await ports.usage.tracked(owner, secretId)
  if (!known.some(({ id }) => id === secretId)) return null
  const heard = await hearNodes(ports)
  // Read once more: what was flushed just now belongs to it.
  const secrets = await ports.usage.tracked(owner, secretId)
  const judged = secrets.find(({ id }) => id === secretId)
  if (!judged) return null
  const others = secrets.filter(({ id }) => id !== secretId)
  return reportOn(ports, { owner, judged: [judged], others }, heard, askedQuietMs)
}

/** Writes what this process has counted, and finds out how far the other nodes have. */
export async function hearNodes({ flusher, nodes, usage, system }: CutoverPorts): Promise<Heard> {
  // What cannot be written is not counted, and the verdict says so.
  await flusher.flush().catch(() => {})
  const { processId, nodeId, countedUntilMs } = flusher
  return heardNodes(await nodes.list(), await usage.reports(), { processId, nodeId, countedUntilMs }, system.nowMs())
}

export async function reportOn(
  { usage, system }: CutoverPorts,
  { owner, judged, others }: Judged,
  heard: Heard,
  askedQuietMs: number | null,
): Promise<CutoverReport> {
  const nowMs = system.nowMs()
  const ids = judged.map(({ id }) => id)
  const requiredMs = requiredQuietMs(askedQuietMs, await usage.longestPauseMs(ids, nowMs - 30 * dayMs))
  const monthly = await usage.sums(ids, last30Days(nowMs))
  const daily = await usage.sums(ids, lastDay(nowMs))
  const platforms = monthly.map(({ platform }) => platform)
  const successors = others.filter((other) => isSuccessor(other, platforms, { nowMs, heard, requiredMs }))
  const sources = await usage.sources(ids)
  const lastUseMs = latest(judged.map((secret) => secret.lastUseMs))
  const trackedSinceMs = Math.max(...judged.map((secret) => secret.trackedSinceMs))
  const verdict = judgeCutover({
    ...{ nowMs, heard, requiredMs, trackedSinceMs, lastUseMs },
    refused: judged.length === 1 ? refusedOf(judged[0], nowMs) : null,
    acceptedAgainMs: await acceptedAgain(usage, owner, judged[0], nowMs),
    hasSuccessor: successors.length > 0,
    lastSource: sources[0]?.source ?? null,
  })
  return {
    ...verdict,
    ...{ lastUseMs, requiredMs, trackedSinceMs, platforms, successors, sources },
    counts: {
      lastHour: total(await usage.sums(ids, lastHour(nowMs))),
      lastDay: total(daily),
      last30Days: total(monthly),
    },
    shareOfLastDay: shareOf(daily, await usage.sumsOfAll(owner, lastDay(nowMs)), platforms),
  }
}

function isSuccessor(
  other: TrackedSecret,
  platforms: readonly UsagePlatform[],
  { nowMs, heard, requiredMs }: { readonly nowMs: number; readonly heard: Heard; readonly requiredMs: number },
): boolean {
  const covers = platforms.every((platform) => !isPlatform(platform) || other.platforms[platform])
  const wasUsed = other.lastUseMs !== null && other.lastUseMs > heard.untilMs - requiredMs
  return covers && wasUsed && other.deletedAtMs === null && isEnabled(other, nowMs) && isAccepted(other, nowMs)
}

function refusedOf(secret: TrackedSecret, nowMs: number): Refused | null {
  const { deletedAtMs, expiresAtMs, disabledAtMs } = secret
  if (deletedAtMs !== null) return { how: 'deleted', sinceMs: deletedAtMs }
  if (expiresAtMs !== null && nowMs >= expiresAtMs) return { how: 'expired', sinceMs: expiresAtMs }
  return disabledAtMs === null || isEnabled(secret, nowMs) ? null : { how: 'disabled', sinceMs: disabledAtMs }
}

function isEnabled({ disabledAtMs, acceptedFromMs }: TrackedSecret, nowMs: number): boolean {
  return disabledAtMs === null || (acceptedFromMs !== null && nowMs >= acceptedFromMs)
}

/** By somebody's doing, or by itself. */
async function acceptedAgain(usage: UsageReader, owner: UsageOwner, secret: TrackedSecret, nowMs: number) {
  const byItselfMs = secret.acceptedFromMs !== null && secret.acceptedFromMs <= nowMs ? secret.acceptedFromMs : null
  return latest([byItselfMs, await usage.enabledAtMs(owner.workspaceId, secret.id)])
}

function shareOf(own: readonly PlatformSum[], all: readonly PlatformSum[], platforms: readonly UsagePlatform[]) {
  const ofPlatforms = total(all.filter(({ platform }) => platforms.includes(platform)))
  return ofPlatforms === 0 ? null : total(own) / ofPlatforms
}

function total(sums: readonly PlatformSum[]): number {
  return sums.reduce((sum, { count }) => sum + count, 0)
}

function latest(times: readonly (number | null)[]): number | null {
  return times.reduce((a, b) => (a === null || (b !== null && b > a) ? b : a), null)
}

function isPlatform(platform: UsagePlatform): platform is Platform {
  return (platformNames as readonly UsagePlatform[]).includes(platform) // sound: only widened to be asked
}
