import { Command } from 'commander'
import type { Terminal } from '../../terminal.ts'
import { showProgress } from '../../ui/progress.ts'
import { report, warn } from '../../ui/report.ts'
import { fields } from '../../ui/table.ts'
import { onThisMachine } from './on-this-machine.ts'

/** `cutover backup FILE`: a copy of the SQLite store, while the server runs on it. */
export function backupCommand(terminal: Terminal): Command {
  return new Command('backup')
    .description('copy the store to a new file while the server runs (SQLite, on the machine itself)')
    .argument('<file>', 'a file that is not there yet')
    .option('--json', 'print JSON')
    .action(async (file: string, options: { json?: boolean }) => {
      const progress = showProgress(terminal, 'Copying')
      const watcher = { onProgress: options.json ? () => {} : progress.at }
      const made = await onThisMachine(terminal, (local, settings) =>
        local.backUpStore(settings, file, watcher).finally(progress.end),
      )
      const { bytes, epoch, secrets, workspaces, auditEntries } = made
      report(terminal, options, { file, ...made }, () =>
        fields([
          ['backup', `${file}, ${bytes} bytes, read again and whole`],
          ['epoch', String(epoch)],
          ['secrets', String(secrets)],
          ['workspaces', String(workspaces)],
          ['audit entries', String(auditEntries)],
        ]),
      )
      if (!options.json)
        warn(terminal, 'the master keys are not in it, and without them nobody can open it: keep them apart')
    })
}
