import { setTimeout as pause } from 'node:timers/promises'
import { batchPath, createSecret } from '../arena.ts'
import { type Cores, pinnedTo } from '../cores.ts'
import type { Finding } from '../finding.ts'
import { startGenerator } from '../load/start-generator.ts'
import { createWorkspace } from '../managed-workspace.ts'
import type { Effort } from '../options.ts'
import { type ObservedServer, startObserved } from '../scale/observed-server.ts'
import { deleteSecret, isVerified } from './changes.ts'
import { type Asked, maximumOf, verificationsOf } from './maximum.ts'
import { MemoryWatch } from './memory-watch.ts'
import { connectionsUpTo } from './open-files.ts'
import { type Overloaded, overloadFindings } from './overload-findings.ts'
import { proveBatches } from './questions.ts'
import { meetCrowd } from './start-crowd.ts'

const timesTheMaximum = 3
const crowdConnections = 8000
const patienceMs = 2000
/** To look for a good second in, after the last one of the crowd has given up. */
const settlingMs = 1500
const reportEveryMs = 50
const retryMs = 50

/**
 * Three times the maximum, from a crowd that does not wait for answers; then half of it again. In batches: of single
 * verifications one core cannot send three times as many as another one answers.
 */
export async function measureOverload(effort: Effort, cores: Cores): Promise<Finding[]> {
  await using server = await startObserved({}, cores.subject)
  const overloaded = await pinnedTo(cores.load, () => overload(server, effort, cores))
  const cautions = cores.caution === null ? [] : [cores.caution]
  return overloadFindings(overloaded).map((finding) => ({ ...finding, cautions }))
}

async function overload(server: ObservedServer, effort: Effort, cores: Cores): Promise<Overloaded> {
  const workspaceId = await createWorkspace(server, 'overload')
  const exchanges = await proveBatches(server, workspaceId)
  const asked = { ...verificationsOf(server, exchanges), path: batchPath }
  const maximum = await maximumBefore(server, asked, effort, cores)
  const rest = await server.reportCollected()
  const { crowdMs } = effort
  const phases = [
    { ratePerSecond: maximum / 2, durationMs: crowdMs / 2 },
    { ratePerSecond: maximum * timesTheMaximum, durationMs: crowdMs },
    { ratePerSecond: maximum / 2, durationMs: Math.max(crowdMs, patienceMs + settlingMs) },
  ]
  const deleted = await createSecret(server, workspaceId)
  await using memory = new MemoryWatch(server, reportEveryMs)
  const startMs = performance.now()
  const connections = connectionsUpTo(crowdConnections)
  const crowd = { ...asked, connections, patienceMs, phases }
  const [figures, deleteMs] = await Promise.all([
    meetCrowd(cores.load, crowd),
    deleteInTheMidst(server, { workspaceId, ...deleted }, { afterMs: crowdMs, untilMs: crowdMs / 2 }),
  ])
  const samples = memory.between(startMs, performance.now())
  return { maximum, connections, rest, samples, deleteMs, figures }
}

async function maximumBefore(server: ObservedServer, asked: Asked, effort: Effort, cores: Cores) {
  await using generator = startGenerator(cores.load)
  return await maximumOf(generator, server, asked, effort)
}

interface Doomed {
  readonly workspaceId: string
  readonly id: string
  readonly secret: string
}

/** How long it took to delete it, refusals and all; from then on nothing that it signed is verified. */
async function deleteInTheMidst(
  server: ObservedServer,
  doomed: Doomed,
  { afterMs, untilMs }: { readonly afterMs: number; readonly untilMs: number },
): Promise<number> {
  if (!(await isVerified(server, doomed))) throw new Error('a new secret does not verify')
  await pause(afterMs)
  const startMs = performance.now()
  await persist(() => deleteSecret(server, doomed))
  const deletedMs = performance.now()
  while (performance.now() < deletedMs + untilMs) {
    if (await persist(() => isVerified(server, doomed))) throw new Error('a deleted secret verifies')
    await pause(retryMs)
  }
  return deletedMs - startMs
}

/** Until it is not refused for want of time. */
async function persist<Result>(ask: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (!isRefusal(error)) throw error
      await pause(retryMs)
    }
  }
}

/** A 503, or a connection that was never made or ended early. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && (error.message.includes('answered with 503') || error.message === 'fetch failed')
}
