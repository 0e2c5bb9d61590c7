import { connections, verificationPath } from '../arena.ts'
import type { Exchange, Load } from '../load/exchange.ts'
import type { Generator } from '../load/start-generator.ts'
import { loadAndObserve } from '../observed-load.ts'
import type { Effort } from '../options.ts'
import type { SubjectServer } from '../subject-server.ts'

/** The best counts: whatever disturbs makes it less. */
const mostRounds = 3

/** What a generator sends, but for how much and for how long. */
export type Asked = Pick<Load, 'port' | 'token' | 'path' | 'exchanges' | 'connections'>

export function verificationsOf({ port, token }: SubjectServer, exchanges: readonly Exchange[]): Asked {
  return { port, token, path: verificationPath, exchanges, connections }
}

/** What `server` answers in a second when it is asked without a pause. */
export async function maximumOf(
  generator: Generator,
  server: SubjectServer,
  asked: Asked,
  effort: Effort,
): Promise<number> {
  const unpaced = { ...asked, ratePerSecond: null }
  await generator.run({ ...unpaced, durationMs: effort.warmUpMs })
  const rounds: number[] = []
  for (let round = 0; round < Math.min(mostRounds, effort.loadRounds); round += 1) {
    const observed = await loadAndObserve({ generator }, server, { ...unpaced, durationMs: effort.loadRoundMs })
    rounds.push(observed.answeredPerSecond)
  }
  return Math.max(...rounds)
}
