import type { Readable, Writable } from 'node:stream'

/** What a command has to do with: its streams, its environment, and who is watching. */
export interface Terminal {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  /** Results alone: what a script reads. */
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number }
  /** What a person reads meanwhile: progress, warnings, errors, questions. */
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number }
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Whether somebody is there to be asked. */
export function isInteractive({ stdin, stderr }: Terminal): boolean {
  return stdin.isTTY === true && stderr.isTTY === true
}
