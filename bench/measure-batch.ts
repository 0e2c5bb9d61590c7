import { type Arena, batchPath, proveExchange, question } from './arena.ts'
import { contest } from './contest.ts'
import type { Finding } from './finding.ts'
import type { Effort } from './options.ts'
import { median, medianRatio } from './statistics.ts'
import { aimedAt } from './targets.ts'

const itemsPerBatch = 1000
const connections = 4

/** `POST /v1/verifications/batch` with as many items as it takes, beside bare node:http. */
export async function measureBatch(effort: Effort, arena: Arena): Promise<Finding[]> {
  const { signed } = arena
  const items = Array.from({ length: itemsPerBatch }, (_, index) => signed[index % signed.length]).flatMap((each) =>
    each ? [question(each)] : [],
  )
  const exchange = await proveExchange(arena, batchPath, { items }, (answer) => {
    const { results } = JSON.parse(answer) as { results: { verified: unknown; userId: unknown }[] } // sound: compared
    return results.length === itemsPerBatch && results.every(({ verified }) => verified === true)
  })

  const { cutover, bare, cautions } = await contest(arena, effort, {
    path: batchPath,
    exchanges: [exchange],
    connections,
  })
  const toVerifications = (requests: number) => requests * itemsPerBatch
  const finding: Finding = {
    unit: 'verifications/s',
    subject: {
      what: `batch of ${itemsPerBatch}`,
      figure: toVerifications(median(cutover)),
      rounds: cutover.map(toVerifications),
    },
    baseline: { what: 'bare node:http', figure: toVerifications(median(bare)), rounds: bare.map(toVerifications) },
    ratio: medianRatio(cutover, bare),
    ...aimedAt('batch'),
    cautions,
  }
  return [finding]
}
