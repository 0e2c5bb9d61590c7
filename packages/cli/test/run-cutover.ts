import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { type StartedFrom, startedFrom } from '../../../test-support/programs.ts'

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  /** What is piped to it; nothing unless given. */
  readonly stdin?: string
  readonly cwd?: string
  readonly from?: StartedFrom
}

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the real program, as a user would: command line in, output and exit code out. */
export async function runCutover(parameters: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const child = startCutoverCommand(parameters, options)
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code, stdout, stderr }
}

/** The same, for a test that has to do with it while it runs; the caller ends it. */
export function startCutoverCommand(parameters: readonly string[], { env, stdin = '', cwd, from }: RunOptions = {}) {
  const { flags, script, compileCache } = from ?? startedFrom('cutover')
  const child = spawn(process.execPath, [...flags, '--', script, ...parameters], {
    // None of the caller's own variables, and a home without a profile: the test says what there is.
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', NODE_COMPILE_CACHE: compileCache, ...env },
    cwd,
    stdio: ['pipe', 'pipe', 'pipe'],
  }) satisfies ChildProcess
  // It may end without reading.
  child.stdin.on('error', () => {})
  child.stdin.end(stdin)
  return child
}
