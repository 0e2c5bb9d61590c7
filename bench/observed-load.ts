import type { Arena } from './arena.ts'
import type { Load, LoadFigures } from './load/exchange.ts'
import type { SubjectServer } from './subject-server.ts'
import { watchServer } from './watch-server.ts'

const warmUpMs = 100

export interface Observation extends LoadFigures {
  readonly serverCpuSeconds: number
  readonly answeredPerSecond: number
  readonly cautions: readonly string[]
}

export async function loadAndObserve(
  { generator }: Pick<Arena, 'generator'>,
  server: SubjectServer,
  load: Omit<Load, 'port' | 'token'>,
): Promise<Observation> {
  const toServer = { ...load, port: server.port, token: server.token }
  // A server that has just waited its turn has cold caches.
  await generator.run({ ...toServer, durationMs: warmUpMs })
  const watched = await watchServer(server, () => generator.run(toServer))
  const { result, serverCpuSeconds, elapsedSeconds, cautions } = watched
  return { ...result, serverCpuSeconds, answeredPerSecond: result.answered / elapsedSeconds, cautions }
}

/**
 * What one core of the server answers in a second that is all its own. The clock on the wall says the same on a quiet
 * machine, and less as soon as another process wants the core or the load generator is the slower one.
 */
export function perCpuSecond({ answered, serverCpuSeconds }: Observation): number {
  return answered / serverCpuSeconds
}
