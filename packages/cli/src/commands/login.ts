import { CutoverClient, intercomSecrets } from '@cutover/client'
import { Command } from 'commander'
import { type ConnectionOptions, isIntercom, resolveConnection, withIntercom } from '../connection.ts'
import { writeProfile } from '../profile.ts'
import { readSecret } from '../secret-input.ts'
import type { Terminal } from '../terminal.ts'
import { report } from '../ui/report.ts'
import { onOneLine } from '../ui/table.ts'

/** `cutover login`: keeps the address and an access token for the commands to come, once the token has proven good. */
export function loginCommand(terminal: Terminal): Command {
  return withIntercom(new Command('login'))
    .description('save where Cutover is, and an access token, for the commands to come')
    .option('--from-stdin', 'read the token from standard input; otherwise it is asked for')
    .action(async (options: ConnectionOptions) => {
      const { baseUrl, workspace } = await resolveConnection(options, terminal)
      const token = await readSecret(terminal, 'The access token')
      const health = await prove({ baseUrl, token, workspace }, options)
      const path = await writeProfile(terminal, { url: baseUrl, token, workspace })
      report(terminal, options, { url: baseUrl, profile: path, ...health }, () => {
        const who = health === null ? '' : ` as "${onOneLine(health.tokenName)}"`
        return `Logged in at ${baseUrl}${who}. Saved in ${path}.`
      })
    })
}

/** What the token is; `null`: Intercom does not tell, but takes it. */
async function prove(
  { baseUrl, token, workspace }: { baseUrl: string; token: string; workspace: string | undefined },
  options: ConnectionOptions,
) {
  if (!isIntercom(baseUrl, options)) return new CutoverClient({ baseUrl, token, workspace }).health()
  await intercomSecrets({ baseUrl, token }).list()
  return null
}
