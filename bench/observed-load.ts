import type { Arena } from './arena.ts'
import type { Load, LoadFigures } from './load/exchange.ts'
import { busySeconds } from './machine.ts'
import { cpuSeconds, type SubjectServer } from './subject-server.ts'

/** Of a core, used by processes that are none of the bench's: more of it makes waits longer than they are. */
const tolerableOthers = 0.1

const warmUpMs = 300

export interface Observation extends LoadFigures {
  readonly serverCpuSeconds: number
  readonly answeredPerSecond: number
  readonly cautions: readonly string[]
}

export async function loadAndObserve(
  { generator }: Arena,
  server: SubjectServer,
  load: Omit<Load, 'port' | 'token'>,
): Promise<Observation> {
  const toServer = { ...load, port: server.port, token: server.token }
  // A server that has just waited its turn has cold caches.
  await generator.run({ ...toServer, durationMs: warmUpMs })
  const busyBefore = busySeconds()
  const cpuBefore = await cpuSeconds(server)
  const startMs = performance.now()
  const figures = await generator.run(toServer)
  const elapsedSeconds = (performance.now() - startMs) / 1000
  const serverCpuSeconds = (await cpuSeconds(server)) - cpuBefore
  const others = (busySeconds() - busyBefore - serverCpuSeconds - figures.cpuSeconds) / elapsedSeconds
  return {
    ...figures,
    serverCpuSeconds,
    answeredPerSecond: figures.answered / elapsedSeconds,
    cautions:
      others > tolerableOthers ? ['other processes kept the machine busy meanwhile: measure again in quiet'] : [],
  }
}

/**
 * What one core of the server answers in a second that is all its own. The clock on the wall says the same on a quiet
 * machine, and less as soon as another process wants the core or the load generator is the slower one.
 */
export function perCpuSecond({ answered, serverCpuSeconds }: Observation): number {
  return answered / serverCpuSeconds
}
