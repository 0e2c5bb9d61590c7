import { Command, Option } from 'commander'
import { assertConfirmedByName } from '../../confirmation.ts'
import { type ConnectionOptions, connect, withConnection } from '../../connection.ts'
import { parseSeconds } from '../../parse-seconds.ts'
import { scoped } from '../../scoped.ts'
import type { Terminal } from '../../terminal.ts'
import { report } from '../../ui/report.ts'
import { onOneLine } from '../../ui/table.ts'

interface DeleteOptions extends ConnectionOptions {
  readonly ifQuietFor?: number
  readonly yes?: boolean
}

export function deleteCommand(terminal: Terminal): Command {
  return withConnection(new Command('delete'))
    .argument('<id>')
    .description('delete one with all of its secrets, for good')
    .addOption(
      new Option('--if-quiet-for <seconds>', 'only when it signed nothing for so long').argParser(parseSeconds),
    )
    .option('--yes', 'do not ask')
    .action(
      scoped(['read_integrators', 'write_integrators'], async (id: string, options: DeleteOptions) => {
        const { client } = await connect(options, terminal)
        const { name } = await client.integrators.read(id)
        const question = `Delete the integrator "${name}"? All that it signs is refused from then on.`
        await assertConfirmedByName(terminal, { yes: options.yes, name, question })
        const { revocationEpoch } = await client.integrators.delete(id, { ifQuietForSeconds: options.ifQuietFor })
        report(terminal, options, { id, name, deleted: true, revocationEpoch }, () => {
          return `Deleted "${onOneLine(name)}" (${id}). No node accepts its secrets any more: revocation epoch ${revocationEpoch}.`
        })
      }),
    )
}
