import { type Arena, connections, verificationPath } from './arena.ts'
import { contest } from './contest.ts'
import type { Finding } from './finding.ts'
import type { Effort } from './options.ts'
import { median, medianRatio } from './statistics.ts'
import { aimedAt } from './targets.ts'

/** `POST /v1/verifications`, one live secret, everything on, beside bare node:http. */
export async function measureVerification(effort: Effort, arena: Arena): Promise<Finding[]> {
  const load = { path: verificationPath, exchanges: arena.verifications, connections }
  const { cutover, bare, cautions } = await contest(arena, effort, load)
  const finding: Finding = {
    unit: 'requests/s',
    subject: { what: 'POST /v1/verifications', figure: median(cutover), rounds: cutover },
    baseline: { what: 'bare node:http', figure: median(bare), rounds: bare },
    ratio: medianRatio(cutover, bare),
    ...aimedAt('verification'),
    cautions,
  }
  return [finding]
}
