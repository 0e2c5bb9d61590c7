import { busySeconds } from './machine.ts'
import { cpuSeconds, type SubjectServer } from './subject-server.ts'

/** Of a core, used by processes that are none of the bench's: more of it makes waits longer than they are. */
const tolerableOthers = 0.1

export interface Watched<Result> {
  readonly result: Result
  readonly serverCpuSeconds: number
  readonly elapsedSeconds: number
  readonly cautions: readonly string[]
}

/** What the server uses of the processor while `work` asks it; `cpuSeconds` is what the asking itself used. */
export async function watchServer<Result extends { readonly cpuSeconds: number }>(
  server: SubjectServer,
  work: () => Promise<Result>,
): Promise<Watched<Result>> {
  const busyBefore = busySeconds()
  const cpuBefore = await cpuSeconds(server)
  const startMs = performance.now()
  const result = await work()
  const elapsedSeconds = (performance.now() - startMs) / 1000
  const serverCpuSeconds = (await cpuSeconds(server)) - cpuBefore
  const others = (busySeconds() - busyBefore - serverCpuSeconds - result.cpuSeconds) / elapsedSeconds
  const cautions =
    others > tolerableOthers ? ['other processes kept the machine busy meanwhile: measure again in quiet'] : []
  return { result, serverCpuSeconds, elapsedSeconds, cautions }
}
