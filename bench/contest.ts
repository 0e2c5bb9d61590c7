import type { Arena } from './arena.ts'
import { interleave } from './interleave.ts'
import type { Exchange } from './load/exchange.ts'
import { loadAndObserve, type Observation, perCpuSecond } from './observed-load.ts'
import type { Effort } from './options.ts'
import type { SubjectServer } from './subject-server.ts'

export interface Contest {
  /** Requests answered in a second of processor time, round by round. */
  readonly cutover: readonly number[]
  readonly bare: readonly number[]
  readonly cautions: readonly string[]
}

/** How much each server answers when it is asked without a pause. */
export async function contest(
  arena: Arena,
  effort: Effort,
  load: { readonly path: string; readonly exchanges: readonly Exchange[]; readonly connections: number },
): Promise<Contest> {
  const unpaced = { ...load, durationMs: effort.loadRoundMs, ratePerSecond: null }
  const observations: Observation[] = []
  const answered = async (server: SubjectServer) => {
    const observation = await loadAndObserve(arena, server, unpaced)
    observations.push(observation)
    return perCpuSecond(observation)
  }
  const figures = await interleave(
    { cutover: () => answered(arena.cutover), bare: () => answered(arena.bare) },
    effort.loadRounds,
  )
  return { ...figures, cautions: [...new Set(observations.flatMap(({ cautions }) => cautions))] }
}
