import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { nextMessage } from '../processes.ts'
import { type Settings, type StartedCutover, startCutover } from '../start-cutover.ts'
import type { SelfReport } from './self-report.ts'

export interface ObservedServer extends StartedCutover {
  /** From the start of the process to its first answer that it is ready. */
  readonly readyMs: number
  report(): Promise<SelfReport>
  /** After what could be freed was. */
  reportCollected(): Promise<SelfReport>
}

const nodeArguments = ['--expose-gc', `--import=${join(import.meta.dirname, 'self-report.ts')}`]

export async function startObserved(settings: Settings, core: number | null): Promise<ObservedServer> {
  const startMs = performance.now()
  const server = await startCutover(core, settings, nodeArguments)
  while (!(await isReady(server.port))) await pause(2)
  const readyMs = performance.now() - startMs
  const ask = async (what: 'report' | 'collect') => {
    server.child.send(what)
    return (await nextMessage(server.child)) as SelfReport // sound: self-report.ts sends nothing else
  }
  return { ...server, readyMs, report: () => ask('report'), reportCollected: () => ask('collect') }
}

async function isReady(port: number): Promise<boolean> {
  return (await fetch(`http://127.0.0.1:${port}/readyz`)).ok
}
