import { CutoverClient } from '@cutover/client'
import { Command } from 'commander'
import { type ConnectionOptions, resolveConnection, withConnection } from '../connection.ts'
import { writeProfile } from '../profile.ts'
import { readSecret } from '../secret-input.ts'
import type { Terminal } from '../terminal.ts'
import { report } from '../ui/report.ts'

/** `cutover login`: keeps the address and an access token for the commands to come, once the token has proven good. */
export function loginCommand(terminal: Terminal): Command {
  return withConnection(new Command('login'))
    .description('save where Cutover is, and an access token, for the commands to come')
    .option('--from-stdin', 'read the token from standard input; otherwise it is asked for')
    .action(async (options: ConnectionOptions) => {
      const { baseUrl, workspace } = await resolveConnection(options, terminal)
      const token = await readSecret(terminal, 'The access token')
      const health = await new CutoverClient({ baseUrl, token, workspace }).health()
      const path = await writeProfile(terminal, { url: baseUrl, token, workspace })
      report(
        terminal,
        options,
        { url: baseUrl, profile: path, ...health },
        () => `Logged in at ${baseUrl} as "${health.tokenName}". Saved in ${path}.`,
      )
    })
}
