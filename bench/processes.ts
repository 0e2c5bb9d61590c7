import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { onCore } from './cores.ts'

const running = new Set<ChildProcess>()

// However this process ends, none that it started stays behind.
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

/** Ends with this process at the latest. */
export function adopt<Child extends ChildProcess>(child: Child): Child {
  running.add(child)
  child.once('exit', () => running.delete(child))
  child.once('error', () => running.delete(child))
  return child
}

/** A process on `core` that talks in messages. */
export function forkPinned(core: number | null, module: string): ChildProcess {
  const [execPath, ...execArgv] = onCore(core, process.execPath)
  return adopt(fork(module, { execPath, execArgv, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }))
}

export async function nextMessage(child: ChildProcess): Promise<unknown> {
  const listening = new AbortController()
  const { signal } = listening
  try {
    return await Promise.race([
      once(child, 'message', { signal }).then(([message]) => message),
      once(child, 'exit', { signal }).then(() => Promise.reject(new Error('a process of the bench ended early'))),
    ])
  } finally {
    listening.abort()
  }
}

export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}
