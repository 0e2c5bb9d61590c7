import { CutoverClient } from '@cutover/client'
import { Command } from 'commander'
import { type ConnectionOptions, isIntercom, resolveConnection, withConnection } from '../connection.ts'
import { type Check, type CheckStatus, skipped } from '../doctor/check.ts'
import { checkProfile } from '../doctor/profile-check.ts'
import { runDoctor } from '../doctor/run-doctor.ts'
import { failed, misused } from '../failure.ts'
import type { Terminal } from '../terminal.ts'
import { paint } from '../ui/colour.ts'
import { proseWidth } from '../ui/facts.ts'
import { wrap } from '../ui/prose.ts'
import { report } from '../ui/report.ts'
import { onOneLine } from '../ui/table.ts'

const colours = { ok: 'green', warning: 'yellow', problem: 'red', skipped: 'gray' } as const satisfies Record<
  CheckStatus,
  string
>

/** `cutover doctor`: what is wrong, what will be, and what to do about each. */
export function doctorCommand(terminal: Terminal): Command {
  return withConnection(new Command('doctor'))
    .description('look for what is wrong, or will be, and say what to do about it')
    .action(async (options: ConnectionOptions) => {
      const profile = await checkProfile(terminal)
      const checks = [profile, ...(profile.status === 'problem' ? [notConnected] : await look(options, terminal))]
      report(terminal, options, { checks }, () => checks.map((check) => inWords(check, terminal)).join('\n'))
      const problems = checks.filter(({ status }) => status === 'problem').length
      if (problems > 0) throw failed(`${problems} of ${checks.length} checks found a problem`)
    })
}

const notConnected = skipped('reachable', 'no command uses a profile that others can read')

async function look(options: ConnectionOptions, terminal: Terminal): Promise<readonly Check[]> {
  const { baseUrl, token, workspace } = await resolveConnection(options, terminal)
  if (isIntercom(baseUrl, options)) throw misused('Intercom has nothing of what is looked at here')
  const client = new CutoverClient({ baseUrl, token, workspace, retries: 0, timeoutMs: 10_000 })
  return runDoctor({ client, baseUrl, hasToken: token !== undefined })
}

const indent = 9

function inWords({ status, summary, remedy }: Check, terminal: Terminal): string {
  const width = proseWidth(terminal) - indent
  const lines = wrap(onOneLine(summary), width)
  const remedyLines = remedy === null ? [] : wrap(onOneLine(`-> ${remedy}`), width)
  const margin = `\n${' '.repeat(indent)}`
  return paint(terminal.stdout, colours[status], status.padEnd(indent)) + [...lines, ...remedyLines].join(margin)
}
