import type { Failure } from '../failure.ts'
import type { Terminal } from '../terminal.ts'
import { paint } from './colour.ts'
import { prose } from './prose.ts'
import { onOneLine } from './table.ts'

/** Prints what a command has to show: `value` as JSON with --json, else `human`. */
export function report(terminal: Terminal, { json }: { json?: boolean }, value: unknown, human: () => string): void {
  terminal.stdout.write(json ? `${JSON.stringify(value, null, 2)}\n` : `${prose(terminal.stdout, human())}\n`)
}

/** A line for the person who waits. */
export function tell(terminal: Terminal, line: string): void {
  terminal.stderr.write(`${prose(terminal.stderr, line)}\n`)
}

export function warn(terminal: Terminal, line: string): void {
  tellMarked(terminal, 'yellow', 'warning:', line)
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
  tellMarked(terminal, 'red', 'error:', `${message}${request}`)
  if (hint !== undefined) tellMarked(terminal, 'cyan', 'hint:', hint)
}

function tellMarked({ stderr }: Terminal, colour: 'yellow' | 'red' | 'cyan', mark: string, line: string): void {
  stderr.write(`${prose(stderr, `${mark} ${onOneLine(line)}`).replace(mark, paint(stderr, colour, mark))}\n`)
}
