/**
 * Ends a test server whose test run died without ending it (kill −9 of the runner): PostgreSQL itself never notices.
 * A program of its own: its standard input is a pipe from the run, which writes the process id to end (0: none) on a
 * line each time it changes; the end of that input is the end of the run. Its argument is the directory to remove.
 */
import { rm } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'

/** Immediate shutdown takes five seconds at most: then the postmaster itself kills what is left of its children. */
const shutdownPolls = 400
const pollMs = 20

const directory = process.argv[2]
if (directory === undefined) throw new Error('usage: postgres-watcher <directory>')

let pid = 0
for await (const line of createInterface({ input: process.stdin })) pid = Number(line)
if (pid !== 0) await endServer(pid)
await rm(directory, { recursive: true, force: true, maxRetries: 5 })

async function endServer(serverPid: number): Promise<void> {
  signal(serverPid, 'SIGQUIT')
  for (let poll = 0; poll < shutdownPolls && signal(serverPid, 0); poll++) await delay(pollMs)
  signal(serverPid, 'SIGKILL')
}

function signal(serverPid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(serverPid, name)
  } catch {
    return false
  }
}
