import type { LiveCutover } from '@cutover/contract'
import { type IdentitySecretId, type ManagedSecret, stateOf } from '../../../identity-secrets/identity-secret.ts'
import type { IdentitySecretReader } from '../../../identity-secrets/ports.ts'
import { isoTime } from '../../../iso-time.ts'
import type { CountedBucket } from '../../../usage/ports.ts'
import { type CutoverPorts, readCutover } from '../../../usage/read-cutover.ts'
import type { WorkspaceId } from '../../../workspaces/workspace.ts'
import { toCutover } from '../usage-wire.ts'
import type { LiveView } from './live-views.ts'

const minuteMs = 60_000
const shownMinutes = 60

export interface LiveCutoverPorts extends CutoverPorts {
  readonly secrets: Pick<IdentitySecretReader, 'find'>
}

export async function readLiveCutover(
  ports: LiveCutoverPorts,
  workspaceId: WorkspaceId,
  id: IdentitySecretId,
): Promise<LiveView | 'gone'> {
  const report = await readCutover(ports, workspaceId, id, null)
  const own = await ports.secrets.find(workspaceId, id)
  if (!report || !own) return 'gone'
  const nowMs = ports.system.nowMs()
  const others = await findAll(ports, workspaceId, [own.successorId, ...report.successors.map((each) => each.id)])
  const secrets = [own, ...others.filter((each) => each.id !== id)]
  const ids = secrets.map((each) => each.id)
  const firstMs = Math.floor(nowMs / minuteMs - shownMinutes + 1) * minuteMs
  const buckets = await ports.usage.buckets(ids, { spanMinutes: 1, fromMs: firstMs, untilMs: nowMs + 1 })
  return toView({
    ...toCutover(report),
    at: isoTime(nowMs),
    state: stateOf(own, nowMs),
    minutes: minutesOf(buckets, ids, firstMs),
    secrets: secrets.map((each) => toShown(each, nowMs)),
  })
}

/** That it is quiet for two more seconds, and the words for it, are no news. */
function toView(live: LiveCutover): LiveView {
  const { at, why, quietForSeconds, ...gist } = live
  return { id: String(Date.parse(at)), data: JSON.stringify(live), gist: JSON.stringify(gist) }
}

async function findAll(
  { secrets }: LiveCutoverPorts,
  workspaceId: WorkspaceId,
  ids: readonly (string | null)[],
): Promise<readonly ManagedSecret[]> {
  const wanted = [...new Set(ids)].filter((each): each is IdentitySecretId => each !== null)
  const found = await Promise.all(wanted.map((each) => secrets.find(workspaceId, each)))
  return found.filter((each) => each !== null)
}

function minutesOf(buckets: readonly CountedBucket[], ids: readonly string[], firstMs: number): LiveCutover['minutes'] {
  const minutes = Array.from({ length: shownMinutes }, (_, index) => ({
    start: isoTime(firstMs + index * minuteMs),
    counts: Object.fromEntries(ids.map((id) => [id, 0])) as Record<string, number>,
  }))
  for (const { startMs, secretId, count } of buckets) {
    const { counts } = minutes[(startMs - firstMs) / minuteMs] ?? {}
    if (counts) counts[secretId] = (counts[secretId] ?? 0) + count
  }
  return minutes
}

function toShown(secret: ManagedSecret, nowMs: number): LiveCutover['secrets'][number] {
  const { id, name, fingerprint } = secret
  return { id, name, fingerprint, state: stateOf(secret, nowMs) }
}
