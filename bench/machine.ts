import { readFileSync } from 'node:fs'
import { cpus, release, totalmem, type } from 'node:os'

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly os: string
  readonly node: string
}

export function describeMachine(): Machine {
  const [first] = cpus()
  return {
    cpu: first?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    os: `${type()} ${release()} ${process.arch}`,
    node: process.version,
  }
}

/** Seconds that the cores of this machine have worked since it started, for whatever process. */
export function busySeconds(): number {
  return cpus().reduce((sum, { times }) => sum + (times.user + times.nice + times.sys + times.irq) / 1000, 0)
}

/** proc_stat(5) counts in these; no Linux that runs Node has others. */
const ticksPerSecond = 100

/** Seconds in which a core had work, and the host of this virtual machine gave it to others. 0 where that is not told. */
export function stolenSeconds(): number {
  if (type() !== 'Linux') return 0
  const [, , , , , , , , steal] = readFileSync('/proc/stat', 'latin1').split(/\s+/, 9)
  return Number(steal) / ticksPerSecond
}
