import { setTimeout as pause } from 'node:timers/promises'
import { confirm } from '@clack/prompts'
import { refused } from '../failure.ts'
import { isInteractive, type Terminal } from '../terminal.ts'
import { tell } from '../ui/report.ts'
import { twoUnitSpan } from '../ui/times.ts'
import { interrupted } from './interruption.ts'

export interface QuietWait {
  readonly oldId: string
  /** When the new secret was deployed, ISO 8601: the wait counts from there, over any number of runs. */
  readonly since: string
  readonly quietSeconds: number
  readonly isConfirmed: boolean
}

/** Where a server does not tell who signs with what: time, and somebody's word, in place of a verdict. */
export async function waitQuietly(terminal: Terminal, wait: QuietWait, signal: AbortSignal): Promise<void> {
  const leftMs = Date.parse(wait.since) + wait.quietSeconds * 1000 - Date.now()
  if (leftMs > 0) {
    tell(terminal, `This server does not tell who signs with what. Waiting ${twoUnitSpan(Math.ceil(leftMs / 1000))}.`)
    await pause(leftMs, undefined, { signal }).catch(() => {
      throw interrupted()
    })
  }
  if (wait.isConfirmed) return
  const hint = 'once everybody signs with the new one, run the same command with --yes'
  if (!isInteractive(terminal)) throw refused(`Nobody confirmed that secret ${wait.oldId} may be deleted`, { hint })
  const message = `Delete secret ${wait.oldId}? Whoever still signs with it is locked out.`
  const isAgreed = await confirm({ message, initialValue: false, input: terminal.stdin, output: terminal.stderr })
  if (isAgreed !== true) throw refused('Nothing was deleted', { hint })
}
