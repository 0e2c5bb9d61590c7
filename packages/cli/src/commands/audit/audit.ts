import { Command } from 'commander'
import type { Terminal } from '../../terminal.ts'
import { exportCommand } from './export.ts'
import { listCommand } from './list.ts'
import { verifyCommand } from './verify.ts'

/** `cutover audit …`: who did what, and whether anybody changed what was written of it. */
export function auditCommand(terminal: Terminal): Command {
  return new Command('audit')
    .description('the audit log: who did what, and whether anybody changed that')
    .addCommand(listCommand(terminal))
    .addCommand(exportCommand(terminal))
    .addCommand(verifyCommand(terminal))
}
