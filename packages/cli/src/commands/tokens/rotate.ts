import { Command, Option } from 'commander'
import { assertConfirmed } from '../../confirmation.ts'
import { type ConnectionOptions, connect, withConnection } from '../../connection.ts'
import { handOut } from '../../hand-out.ts'
import { parseSeconds } from '../../parse-seconds.ts'
import { scoped } from '../../scoped.ts'
import type { Terminal } from '../../terminal.ts'
import { onOneLine } from '../../ui/table.ts'
import { span } from '../../ui/times.ts'

interface RotateOptions extends ConnectionOptions {
  readonly oldValidFor: number
  readonly out?: string
  readonly yes?: boolean
}

export function rotateCommand(terminal: Terminal): Command {
  return withConnection(new Command('rotate'))
    .argument('<id>')
    .description('make a successor with the same name, scopes and end, and print it')
    .addOption(
      new Option('--old-valid-for <seconds>', 'how long the old one is good yet, 0 to 86400 s')
        .argParser(parseSeconds)
        .makeOptionMandatory(),
    )
    .option('--out <file>', 'write it into this new file (0600), and print it nowhere')
    .option('--yes', 'with --old-valid-for 0: do not ask')
    .action(scoped('write_access_tokens', (id: string, options: RotateOptions) => rotate(id, options, terminal)))
}

async function rotate(id: string, { yes, oldValidFor, ...options }: RotateOptions, terminal: Terminal): Promise<void> {
  const { client } = await connect(options, terminal)
  if (oldValidFor === 0) {
    await assertConfirmed(terminal, { yes, question: `Refuse ${id} at once, before its successor is in place?` })
  }
  await handOut(terminal, options, {
    make: () => client.accessTokens.rotate(id, { oldTokenValidForSeconds: oldValidFor }),
    secretIn: 'token',
    describe: (made) => {
      const old = oldValidFor === 0 ? 'refused from now on' : `good for ${span(oldValidFor)} yet`
      return `Made the successor of "${onOneLine(made.name)}": ${made.id}. The old one is ${old}.`
    },
  })
}
