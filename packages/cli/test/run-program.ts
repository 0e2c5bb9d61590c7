import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface ProgramOptions {
  readonly stdin?: string | Uint8Array
  /** On top of the caller's own variables. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
}

/** Runs any program on PATH to its end. */
export async function runProgram(
  [program = '', ...parameters]: readonly string[],
  { stdin = '', env, cwd }: ProgramOptions = {},
): Promise<Finished> {
  const child = spawn(program, parameters, { env: { ...process.env, ...env }, cwd, stdio: ['pipe', 'pipe', 'pipe'] })
  // It may end without reading.
  child.stdin.on('error', () => {})
  child.stdin.end(stdin)
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code, stdout, stderr }
}
