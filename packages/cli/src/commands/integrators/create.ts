import { Command } from 'commander'
import { type ConnectionOptions, connect, withConnection } from '../../connection.ts'
import { handOut } from '../../hand-out.ts'
import { scoped } from '../../scoped.ts'
import type { Terminal } from '../../terminal.ts'
import { onOneLine } from '../../ui/table.ts'

interface CreateOptions extends ConnectionOptions {
  readonly name: string
  readonly out?: string
}

export function createCommand(terminal: Terminal): Command {
  return withConnection(new Command('create'))
    .description('make one, and print its first secret: alone on standard output, this once')
    .requiredOption('--name <name>', 'what people call it')
    .option('--out <file>', 'write the secret into this new file (0600), and print it nowhere')
    .action(
      scoped('write_integrators', async (options: CreateOptions) => {
        const { client } = await connect(options, terminal)
        await handOut(terminal, options, {
          make: () => client.integrators.create({ name: options.name }),
          secretIn: 'secret',
          describe: ({ id, key, name }) => `Made "${onOneLine(name)}" (${id}). Its X-Integrator-Key is ${key}.`,
        })
      }),
    )
}
