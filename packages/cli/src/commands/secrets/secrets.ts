import { Command } from 'commander'
import type { Terminal } from '../../terminal.ts'
import { disableCommand, enableCommand, keepCommand, restoreCommand, retireCommand } from './change.ts'
import { createCommand } from './create.ts'
import { deleteCommand } from './delete.ts'
import { editCommand } from './edit.ts'
import { listCommand } from './list.ts'
import { showCommand } from './show.ts'

const subcommands = [
  ...[listCommand, showCommand, createCommand, editCommand],
  ...[disableCommand, enableCommand, retireCommand, keepCommand, deleteCommand, restoreCommand],
] as const

/** `cutover secrets …`: identity secrets, from their first day to their last. */
export function secretsCommand(terminal: Terminal): Command {
  const group = new Command('secrets').description('identity secrets: what customers sign the ids of their users with')
  for (const subcommand of subcommands) group.addCommand(subcommand(terminal))
  return group
}
