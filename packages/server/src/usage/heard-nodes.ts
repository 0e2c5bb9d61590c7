import type { ListedNode } from '../cluster/ports.ts'
import type { UsageReport } from './ports.ts'

/** A node that has not reported for longer may have verified much that nobody knows of. */
const reportOverdueMs = 6000

export interface OwnCounting {
  readonly processId: string
  readonly nodeId: string | null
  /** What this process verified before this moment is counted. */
  readonly countedUntilMs: number
}

/** How far one can know what was verified, on all nodes. */
export interface Heard {
  /** What any node that may verify now verified before this moment is counted. */
  readonly untilMs: number
  /** Nodes that may verify now and have not told for too long what they verified. */
  readonly silent: readonly SilentCounter[]
  /** Until then a process that ended without a last report may have verified something; `null`: there is none. */
  readonly lostUntilMs: number | null
}

export interface SilentCounter {
  readonly nodeId: string
  readonly sinceMs: number
}

type KnownNode = Pick<ListedNode, 'nodeId' | 'fenced' | 'outwaitedInMs' | 'startedAtMs'>

export function heardNodes(
  nodes: readonly KnownNode[],
  reports: readonly UsageReport[],
  own: OwnCounting,
  nowMs: number,
): Heard {
  const others = reports.filter(({ processId }) => processId !== own.processId)
  const told = new Map(others.filter(hasNotLost).map((report) => [report.nodeId, toldUntilMs(report, nowMs)]))
  const counting = nodes
    .filter((node) => mayVerify(node) && node.nodeId !== own.nodeId)
    .map(({ nodeId, startedAtMs }) => ({ nodeId, sinceMs: told.get(nodeId) ?? startedAtMs }))
  const lost = endedReports(nodes, others, nowMs).filter((report) => !hasNotLost(report))
  return {
    untilMs: Math.min(own.countedUntilMs, ...counting.map(({ sinceMs }) => sinceMs)),
    silent: [{ nodeId: own.nodeId ?? own.processId, sinceMs: own.countedUntilMs }, ...counting].filter(
      ({ sinceMs }) => nowMs - sinceMs > reportOverdueMs,
    ),
    lostUntilMs: lost.length === 0 ? null : Math.max(...lost.map(({ endedAtMs }) => endedAtMs)),
  }
}

/** Reports of processes that cannot verify any more, with when they last could have. */
export function endedReports(
  nodes: readonly KnownNode[],
  reports: readonly UsageReport[],
  nowMs: number,
): readonly (UsageReport & { readonly endedAtMs: number })[] {
  const known = new Map(nodes.map((node) => [node.nodeId, node]))
  return reports.flatMap((report) => {
    const node = known.get(report.nodeId)
    if (report.endedAtMs === null && node && mayVerify(node)) return []
    // Its row is gone, and with it until when its lease was good: until now it may have been.
    const leaseEndMs = nowMs + Math.min(0, node?.outwaitedInMs ?? 0)
    return [{ ...report, endedAtMs: Math.min(report.endedAtMs ?? leaseEndMs, leaseEndMs) }]
  })
}

/** Neither fenced nor silent for so long that no lease of it can be good any more. */
function mayVerify({ fenced, outwaitedInMs }: KnownNode): boolean {
  return !fenced && outwaitedInMs > 0
}

function hasNotLost({ endedAtMs, countedUntilMs }: UsageReport): boolean {
  return endedAtMs === null || countedUntilMs >= endedAtMs
}

/** Who ended and had told everything keeps nothing back, even while its node is still on the list. */
function toldUntilMs({ endedAtMs, countedUntilMs }: UsageReport, nowMs: number): number {
  return endedAtMs === null ? countedUntilMs : nowMs
}
