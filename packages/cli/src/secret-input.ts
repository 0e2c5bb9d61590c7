import { buffer } from 'node:stream/consumers'
import { isCancel, password } from '@clack/prompts'
import { misused, refused } from './failure.ts'
import type { Terminal } from './terminal.ts'

/** A secret is never longer; more is a file that was meant for something else. */
const mostBytes = 64 * 1024

/**
 * Reads a secret from standard input, where neither `ps` nor the shell's history sees it, or asks for it without an
 * echo where somebody sits there. One trailing newline is stripped: `echo` and editors add it.
 * @param what - how to name it: "The access token"
 */
export async function readSecret(terminal: Terminal, what: string): Promise<string> {
  const text = terminal.stdin.isTTY ? await ask(terminal, what) : await readAll(terminal, what)
  const secret = text.replace(/\r?\n$/, '')
  if (secret === '') throw misused(`${what} is missing: standard input is empty`)
  return secret
}

async function readAll({ stdin }: Terminal, what: string): Promise<string> {
  const bytes = await buffer(stdin)
  if (bytes.length > mostBytes) throw misused(`${what} is too long: standard input holds ${bytes.length} bytes`)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw misused(`${what} is not UTF-8`)
  }
}

async function ask({ stdin, stderr }: Terminal, what: string): Promise<string> {
  const answer = await password({ message: what, input: stdin, output: stderr })
  if (isCancel(answer)) throw refused('Nothing was done')
  return answer
}
