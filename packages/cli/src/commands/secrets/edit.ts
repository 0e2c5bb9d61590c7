import { Command } from 'commander'
import { type ConnectionOptions, connect, withConnection } from '../../connection.ts'
import { misused } from '../../failure.ts'
import { platformsOf, type WantedPlatforms, wantedPlatforms } from '../../platforms.ts'
import { scoped } from '../../scoped.ts'
import type { Terminal } from '../../terminal.ts'
import { report } from '../../ui/report.ts'
import { onOneLine } from '../../ui/table.ts'

interface EditOptions extends ConnectionOptions, WantedPlatforms {
  readonly name?: string
}

export function editCommand(terminal: Terminal): Command {
  return withConnection(new Command('edit'))
    .alias('rename')
    .argument('<id>')
    .description('rename it, or change its platforms; what is not named stays as it is')
    .option('--name <name>')
    .option('--web', 'add the web')
    .option('--no-web', 'take the web away: refused there from then on')
    .option('--ios', 'add iOS')
    .option('--no-ios', 'take iOS away')
    .option('--android', 'add Android')
    .option('--no-android', 'take Android away')
    .action(
      scoped('write_secure_mode_secret', async (id: string, options: EditOptions) => {
        const platforms = wantedPlatforms(options)
        const fields = {
          ...(options.name === undefined ? {} : { name: options.name }),
          ...(Object.keys(platforms).length === 0 ? {} : { platforms }),
        }
        if (Object.keys(fields).length === 0)
          throw misused('Nothing is to be changed', { hint: '--name, --web, --no-web …' })
        const { client } = await connect(options, terminal)
        const secret = await client.identitySecrets.edit(id, fields)
        report(terminal, options, secret, () => {
          return `Secret ${id} is "${onOneLine(secret.name)}", for ${platformsOf(secret.platforms)}.`
        })
      }),
    )
}
