import { onTestFinished } from 'vitest'

export interface Stopped {
  continue(): void
}

/** Stops a process until it is continued, or until the test is over. */
export function stopped(pid: number): Stopped {
  const resume = () => {
    if (isAlive(pid)) process.kill(pid, 'SIGCONT')
  }
  process.kill(pid, 'SIGSTOP')
  onTestFinished(resume)
  return { continue: resume }
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
