import type { Failure } from '../failure.ts'
import type { Terminal } from '../terminal.ts'
import { paint } from './colour.ts'

/** Prints what a command has to show: `value` as JSON with --json, else `human`. */
export function report(terminal: Terminal, { json }: { json?: boolean }, value: unknown, human: () => string): void {
  terminal.stdout.write(json ? `${JSON.stringify(value, null, 2)}\n` : `${human()}\n`)
}

/** A line for the person who waits. */
export function tell(terminal: Terminal, line: string): void {
  terminal.stderr.write(`${line}\n`)
}

export function warn(terminal: Terminal, line: string): void {
  terminal.stderr.write(`${paint(terminal.stderr, 'yellow', 'warning:')} ${line}\n`)
}

/** With --json one line of JSON, so that a script need not read prose. */
export function reportFailure(terminal: Terminal, isJson: boolean, failure: Failure): void {
  const { message, hint, code, requestId } = failure
  if (isJson) {
    terminal.stderr.write(
      `${JSON.stringify({ error: { code: code ?? null, message, hint: hint ?? null, requestId: requestId ?? null } })}\n`,
    )
    return
  }
  const request = requestId === undefined ? '' : ` (request ${requestId})`
  terminal.stderr.write(`${paint(terminal.stderr, 'red', 'error:')} ${message}${request}\n`)
  if (hint !== undefined) terminal.stderr.write(`${paint(terminal.stderr, 'cyan', 'hint:')} ${hint}\n`)
}
