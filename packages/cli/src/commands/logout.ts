import { rm } from 'node:fs/promises'
import { Command } from 'commander'
import { failed } from '../failure.ts'
import { reasonOf } from '../private-file.ts'
import { profilePath } from '../profile.ts'
import type { Terminal } from '../terminal.ts'
import { report } from '../ui/report.ts'

/** `cutover logout`: forgets what `cutover login` saved. */
export function logoutCommand(terminal: Terminal): Command {
  return new Command('logout')
    .description('forget what cutover login saved; the token stays good until it is revoked')
    .option('--json', 'print JSON')
    .action(async (options: { readonly json?: boolean }) => {
      const profile = profilePath(terminal)
      try {
        await rm(profile, { force: true })
      } catch (error) {
        throw failed(`${profile} cannot be removed: ${reasonOf(error)}`)
      }
      report(terminal, options, { profile, removed: true }, () => `Logged out: ${profile} is gone.`)
    })
}
