import { spawnSync } from 'node:child_process'

export interface Cores {
  /** For what is measured, and for what puts load on it. `null`: the system places them as it likes. */
  readonly subject: number | null
  readonly load: number | null
  /** Why they are not apart; `null` when they are. */
  readonly caution: string | null
}

/** Two cores that this process may use: a load generator on the server's core would measure itself. */
export function chooseCores(): Cores {
  const allowed = allowedCores()
  const [subject, load] = allowed
  if (subject === undefined) return apartNowhere('no taskset here: server and load generator were not pinned')
  if (load === undefined) return apartNowhere('one core only: server and load generator shared it')
  return { subject, load, caution: null }
}

function apartNowhere(caution: string): Cores {
  return { subject: null, load: null, caution }
}

/** As `taskset` tells it: "pid 1's current affinity list: 0-2,5". Empty where there is none. */
function allowedCores(): number[] {
  const { status, stdout } = spawnSync('taskset', ['-pc', String(process.pid)], { encoding: 'utf8' })
  if (status !== 0) return []
  return (/:\s*([\d,-]+)\s*$/.exec(stdout)?.[1] ?? '').split(',').flatMap((range) => {
    const [first = Number.NaN, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, index) => first + index)
  })
}

/** The beginning of a command line that runs `command` on `core`. */
export function onCore(core: number | null, command: string): readonly [string, ...string[]] {
  return core === null ? [command] : ['taskset', '-c', String(core), command]
}

/** Keeps all threads of this process on `core` until `work` is done. */
export async function pinnedTo<Result>(core: number | null, work: () => Promise<Result>): Promise<Result> {
  if (core === null) return work()
  const before = allowedCores()
  pinThisProcess([core])
  try {
    return await work()
  } finally {
    pinThisProcess(before)
  }
}

function pinThisProcess(cores: readonly number[]): void {
  spawnSync('taskset', ['-apc', cores.join(','), String(process.pid)])
}
