import { Command } from 'commander'
import { type ConnectionOptions, connect, withConnection } from '../connection.ts'
import type { Terminal } from '../terminal.ts'
import { facts, proseWidth } from '../ui/facts.ts'
import { report } from '../ui/report.ts'
import { exactly } from '../ui/times.ts'

/** `cutover whoami`: which server the commands ask, and what their token is. */
export function whoamiCommand(terminal: Terminal): Command {
  return withConnection(new Command('whoami'))
    .description('which server the commands ask, and what their token may do')
    .action(async (options: ConnectionOptions) => {
      const { client, baseUrl } = await connect(options, terminal)
      const health = await client.health()
      report(terminal, options, { url: baseUrl, ...health }, () => {
        return facts(
          [
            ['server', baseUrl],
            ['token', health.tokenName],
            ['workspace', health.workspaceId ?? 'none: --workspace names one'],
            ['environment', health.environment],
            ['ends', health.expiresAt === null ? 'no end' : exactly(health.expiresAt, Date.now())],
            ['scopes', health.scopes.join(' ')],
          ],
          proseWidth(terminal),
        )
      })
    })
}
