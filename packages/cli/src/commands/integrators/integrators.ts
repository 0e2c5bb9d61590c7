import { Command } from 'commander'
import type { Terminal } from '../../terminal.ts'
import { createCommand } from './create.ts'
import { deleteCommand } from './delete.ts'
import { listCommand } from './list.ts'
import { recoverCommand } from './recover.ts'
import { showCommand } from './show.ts'

/** `cutover integrators …`: who signs whole requests, and with what. */
export function integratorsCommand(terminal: Terminal): Command {
  const group = new Command('integrators').description(
    'integrators: who signs whole requests with a secret of their own',
  )
  for (const subcommand of [listCommand, showCommand, createCommand, recoverCommand, deleteCommand]) {
    group.addCommand(subcommand(terminal))
  }
  return group
}
