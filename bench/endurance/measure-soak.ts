import { type Cores, pinnedTo } from '../cores.ts'
import type { Finding } from '../finding.ts'
import type { Load } from '../load/exchange.ts'
import { type Generator, startGenerator } from '../load/start-generator.ts'
import { createWorkspace } from '../managed-workspace.ts'
import type { Effort } from '../options.ts'
import { type ObservedServer, startObserved } from '../scale/observed-server.ts'
import { watchServer } from '../watch-server.ts'
import { keepChanging } from './changes.ts'
import { maximumOf, verificationsOf } from './maximum.ts'
import { MemoryWatch } from './memory-watch.ts'
import { proveQuestions } from './questions.ts'
import { type Soaked, soakFindings } from './soak-findings.ts'

/** A run is told in tenths: of ten minutes, that is a minute. */
const tenths = 10

/** Half of the maximum for a long time, with secrets made and deleted meanwhile: what becomes of latency and memory. */
export async function measureSoak(effort: Effort, cores: Cores): Promise<Finding[]> {
  await using server = await startObserved({}, cores.subject)
  await using generator = startGenerator(cores.load)
  const soaked = await pinnedTo(cores.load, () => soak(server, generator, effort))
  return soakFindings(soaked).map((finding) => ({
    ...finding,
    cautions: [...(cores.caution === null ? [] : [cores.caution]), ...finding.cautions],
  }))
}

async function soak(server: ObservedServer, generator: Generator, effort: Effort): Promise<Soaked> {
  const workspaceId = await createWorkspace(server, 'soak')
  const asked = verificationsOf(server, await proveQuestions(server, workspaceId))
  const half = (await maximumOf(generator, server, asked, effort)) / 2
  const load = { ...asked, ratePerSecond: half, durationMs: effort.soakWindowMs }
  await using memory = new MemoryWatch(server, effort.soakWindowMs / 10)
  await using changes = await keepChanging(server, workspaceId)
  const soaked = {
    ...{ half, answered: 0, p99sMs: [] as number[], faults: [] as string[], cautions: new Set<string>() },
    ...{ tenths: [] as Soaked['tenths'][number][], tenthMs: (effort.soakWindowMs * effort.soakWindows) / tenths },
  }
  for (let tenth = 1; tenth <= tenths; tenth += 1) {
    const fromMs = performance.now()
    for (let window = 0; window < effort.soakWindows / tenths; window += 1) {
      await loadForAWindow({ server, generator, load }, soaked)
    }
    const samples = memory.between(fromMs, performance.now())
    const isTelling = tenth === 1 || tenth === tenths
    soaked.tenths.push({ samples, collected: isTelling ? await memory.collected() : null })
  }
  return { ...soaked, turns: changes.turns, faults: [...soaked.faults, ...changes.faults] }
}

interface Soaking {
  readonly server: ObservedServer
  readonly generator: Generator
  readonly load: Load
}

/** What goes wrong is told and counted: it would be a pity to lose the other minutes. */
async function loadForAWindow({ server, generator, load }: Soaking, soaked: Mutable): Promise<void> {
  try {
    const { result, cautions } = await watchServer(server, async () => {
      const own = process.cpuUsage()
      const figures = await generator.run(load)
      const { user, system } = process.cpuUsage(own)
      return { ...figures, cpuSeconds: figures.cpuSeconds + (user + system) / 1e6 }
    })
    soaked.answered += result.answered
    soaked.p99sMs.push(result.p99Ms)
    for (const caution of cautions) soaked.cautions.add(caution)
  } catch (error) {
    soaked.faults.push(error instanceof Error ? error.message : String(error))
  }
}

interface Mutable {
  answered: number
  readonly p99sMs: number[]
  readonly faults: string[]
  readonly cautions: Set<string>
}
