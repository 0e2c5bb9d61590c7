import { type Arena, connections, verificationPath } from './arena.ts'
import type { Finding } from './finding.ts'
import { interleave } from './interleave.ts'
import { loadAndObserve } from './observed-load.ts'
import type { Effort } from './options.ts'
import { median, medianRatio } from './statistics.ts'
import type { SubjectServer } from './subject-server.ts'
import { aimedAt } from './targets.ts'

/** The 99th percentile of `POST /v1/verifications` at half of Cutover's maximum; the bare server at the same rate. */
export async function measureLatency(effort: Effort, arena: Arena): Promise<Finding[]> {
  const load = { path: verificationPath, exchanges: arena.verifications, connections, durationMs: effort.loadRoundMs }
  const unpaced = { ...load, ratePerSecond: null }
  const { answeredPerSecond } = await loadAndObserve(arena, arena.cutover, unpaced)
  const half = answeredPerSecond / 2

  const cautions = new Set<string>()
  const p99Ms = async (server: SubjectServer) => {
    const observation = await loadAndObserve(arena, server, { ...load, ratePerSecond: half })
    for (const caution of observation.cautions) cautions.add(caution)
    return observation.p99Ms
  }
  const { cutover, bare } = await interleave(
    { cutover: () => p99Ms(arena.cutover), bare: () => p99Ms(arena.bare) },
    effort.loadRounds,
  )
  const finding: Finding = {
    unit: 'ms',
    subject: { what: `p99 at half load (${Math.round(half)} req/s)`, figure: median(cutover), rounds: cutover },
    baseline: { what: 'bare node:http', figure: median(bare), rounds: bare },
    ratio: medianRatio(cutover, bare),
    ...aimedAt('latency'),
    cautions: [...cautions],
  }
  return [finding]
}
