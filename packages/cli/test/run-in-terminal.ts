import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import { expect } from 'vitest'
import { startedFrom } from '../../../test-support/programs.ts'

/** `script` of util-linux or of bsdutils makes a terminal; without it these tests have none. */
export const hasTerminal = process.platform === 'linux' && existsSync('/usr/bin/script')

export interface Sitting {
  /** What the terminal shows, without colours; a line ends in \r\n there. */
  readonly shown: () => string
  /** The same with everything that was sent to it. */
  readonly sent: () => string
  type(text: string): void
  /** Resolves once the text is there. */
  sees(text: string | RegExp): Promise<void>
  readonly ended: Promise<number | null>
}

/** Runs the program with somebody before it, on 80 columns. */
export function sitDown(parameters: readonly string[], env: Readonly<Record<string, string>>): Sitting {
  const { flags, script, compileCache } = startedFrom('cutover')
  const words = [process.execPath, ...flags, '--', script, ...parameters]
  const line = `stty cols 80 rows 24; exec ${words.map(quote).join(' ')}`
  const child = spawn('/usr/bin/script', ['-qefc', line, '/dev/null'], {
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', TERM: 'xterm', NODE_COMPILE_CACHE: compileCache, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let sent = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    sent += text
  })
  const shown = () => stripVTControlCharacters(sent)
  return {
    shown,
    sent: () => sent,
    type: (text) => child.stdin.write(text),
    sees: (text) => expect.poll(shown, { timeout: 40_000, interval: 30 }).toMatch(text),
    ended: once(child, 'close').then(([code]) => code),
  }
}

const quote = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`
