import { Command } from 'commander'
import { assertConfirmed } from '../../confirmation.ts'
import { type ConnectionOptions, connect, withConnection } from '../../connection.ts'
import { scoped } from '../../scoped.ts'
import type { Terminal } from '../../terminal.ts'
import { report } from '../../ui/report.ts'

interface RevokeOptions extends ConnectionOptions {
  readonly cascade?: boolean
  readonly yes?: boolean
}

export function revokeCommand(terminal: Terminal): Command {
  return withConnection(new Command('revoke'))
    .argument('<id>')
    .description('refuse it from now on, on every node, for good')
    .option('--cascade', 'and every token that it made, and what those made')
    .option('--yes', 'do not ask')
    .action(
      scoped('write_access_tokens', async (id: string, { yes, cascade, ...options }: RevokeOptions) => {
        const { client } = await connect(options, terminal)
        const what = cascade ? `${id}, and every token that it made,` : id
        await assertConfirmed(terminal, { yes, question: `Revoke ${what} for good?` })
        const { revocationEpoch } = await client.accessTokens.revoke(id, { cascade })
        report(terminal, options, { id, revoked: true, revocationEpoch }, () => {
          return `Revoked ${what.replace(/,$/, '')}. No node accepts it any more: revocation epoch ${revocationEpoch}.`
        })
      }),
    )
}
