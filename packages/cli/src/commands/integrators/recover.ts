import { Command, Option } from 'commander'
import { assertConfirmed } from '../../confirmation.ts'
import { type ConnectionOptions, connect, withConnection } from '../../connection.ts'
import { handOut } from '../../hand-out.ts'
import { parseSeconds } from '../../parse-seconds.ts'
import { scoped } from '../../scoped.ts'
import type { Terminal } from '../../terminal.ts'
import { onOneLine } from '../../ui/table.ts'
import { exactly } from '../../ui/times.ts'

interface RecoverOptions extends ConnectionOptions {
  readonly oldValidFor: number
  readonly out?: string
  readonly yes?: boolean
}

export function recoverCommand(terminal: Terminal): Command {
  return withConnection(new Command('recover'))
    .argument('<id>')
    .description('make a new secret for one that lost its own, and print it')
    .addOption(
      new Option('--old-valid-for <seconds>', 'how long the current one is good yet, 0 to 3600 s')
        .argParser(parseSeconds)
        .default(0),
    )
    .option('--out <file>', 'write the secret into this new file (0600), and print it nowhere')
    .option('--yes', 'do not ask')
    .action(
      scoped(['read_integrators', 'write_integrators'], (id: string, options: RecoverOptions) =>
        recover(id, options, terminal),
      ),
    )
}

async function recover(
  id: string,
  { yes, oldValidFor, ...options }: RecoverOptions,
  terminal: Terminal,
): Promise<void> {
  const { client } = await connect(options, terminal)
  const { key, name } = await client.integrators.read(id)
  const when = oldValidFor === 0 ? 'at once' : `in ${oldValidFor} s`
  await assertConfirmed(terminal, { yes, question: `End the secret that "${name}" signs with ${when}?` })
  await handOut(terminal, options, {
    make: () => client.integrators.recoverSecret(key, { oldSecretValidForSeconds: oldValidFor }),
    secretIn: 'secret',
    describe: ({ oldSecretExpiresAt }) => {
      const old =
        oldSecretExpiresAt === undefined
          ? 'refused from now on'
          : `good until ${exactly(oldSecretExpiresAt, Date.now())}`
      return `Made a new secret for "${onOneLine(name)}" (${id}). The one before is ${old}.`
    },
  })
}
