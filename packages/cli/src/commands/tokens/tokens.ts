import { Command } from 'commander'
import type { Terminal } from '../../terminal.ts'
import { createCommand } from './create.ts'
import { listCommand } from './list.ts'
import { revokeCommand } from './revoke.ts'
import { rotateCommand } from './rotate.ts'

/** `cutover tokens …`: who may call the API, and for what. */
export function tokensCommand(terminal: Terminal): Command {
  const group = new Command('tokens').description('access tokens: who may call the API, and for what')
  for (const subcommand of [listCommand, createCommand, rotateCommand, revokeCommand]) {
    group.addCommand(subcommand(terminal))
  }
  return group
}
