import { readFile } from 'node:fs/promises'
import { childrenOf } from '../../test-support/postgres-server.ts'

/** proc_pid_stat(5) counts in these; no Linux that runs Node has others. */
const ticksPerSecond = 100

/** Of a process and those that it has started, so far. */
export async function cpuSecondsOfAll(pid: number): Promise<number> {
  const ticks = await Promise.all([pid, ...(await childrenOf(pid))].map(ticksOf))
  return ticks.reduce((sum, each) => sum + each, 0) / ticksPerSecond
}

async function ticksOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
}
