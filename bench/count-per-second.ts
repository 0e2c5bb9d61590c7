import type { Contender } from './interleave.ts'

const batch = 1024

/**
 * Calls of `isAccepted` over `samples`, for about `roundMs`, by the second of processor time: all threads of this
 * process, its garbage collector's too, and nothing that other processes took. Fails when a call does not answer true.
 */
export function countPerSecond<Sample>(
  samples: readonly Sample[],
  roundMs: number,
  isAccepted: (sample: Sample) => boolean,
): Contender {
  return () => {
    const endMs = performance.now() + roundMs
    const cpuBefore = process.cpuUsage()
    let calls = 0
    while (performance.now() < endMs) {
      for (let turn = 0; turn < batch; turn += 1) {
        const sample = samples[(calls + turn) % samples.length]
        if (sample === undefined || !isAccepted(sample)) throw new Error('what is genuine was refused')
      }
      calls += batch
    }
    const { user, system } = process.cpuUsage(cpuBefore)
    return (calls / (user + system)) * 1e6
  }
}
