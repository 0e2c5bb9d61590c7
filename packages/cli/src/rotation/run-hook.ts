import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { failed } from '../failure.ts'
import type { Terminal } from '../terminal.ts'

export interface Hook {
  /** How to name it: "The deploy command". */
  readonly what: string
  /** For the shell. */
  readonly command: string
  /** Piped to it, byte for byte: no newline is added. */
  readonly stdin: string
  readonly env: Readonly<Record<string, string>>
}

/**
 * Runs a command of the user's in the shell. What it prints goes to stderr: stdout is for results. A secret reaches it
 * through its standard input alone, which no other process can look at.
 *
 * @throws Failure when it does not end with 0
 */
export async function runHook(terminal: Terminal, { what, command, stdin, env }: Hook): Promise<void> {
  const child = spawn(command, { shell: true, stdio: ['pipe', 'pipe', 'pipe'], env: { ...terminal.env, ...env } })
  child.stdout.pipe(terminal.stderr, { end: false })
  child.stderr.pipe(terminal.stderr, { end: false })
  // One that does not read what it is given is no failure of ours.
  child.stdin.on('error', () => {})
  child.stdin.end(stdin)
  const [code, signal] = await once(child, 'close').catch((error: Error) => {
    throw failed(`${what} cannot be run: ${error.message}`)
  })
  if (code !== 0) throw failed(`${what} ended with ${signal ?? code}`)
}
