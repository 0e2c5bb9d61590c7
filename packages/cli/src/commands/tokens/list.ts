import type { AccessToken } from '@cutover/contract'
import { Command } from 'commander'
import { collect } from '../../collect.ts'
import { type ConnectionOptions, connect, withConnection } from '../../connection.ts'
import { scoped } from '../../scoped.ts'
import type { Terminal } from '../../terminal.ts'
import { type Column, reportList } from '../../ui/list.ts'
import { shortRelative } from '../../ui/times.ts'
import { scopesInWords } from './scopes-in-words.ts'

interface ListOptions extends ConnectionOptions {
  readonly instance?: boolean
  readonly overdue?: boolean
}

export function listCommand(terminal: Terminal): Command {
  return withConnection(new Command('list'))
    .description('list those of the workspace')
    .option('--instance', 'those of the instance in their place')
    .option('--overdue', 'only those that are older than the policy of the workspace allows')
    .action(
      scoped('read_access_tokens', async (options: ListOptions) => {
        const { client } = await connect(options, terminal)
        const { instance, overdue } = options
        const rows = await collect(client.accessTokens.all({ instance, overdue }))
        reportList(terminal, options, rows, { columns: columnsAt(Date.now()), none: 'There are no such tokens.' })
      }),
    )
}

function columnsAt(nowMs: number): readonly Column<AccessToken>[] {
  const time = (value: string | null, otherwise: string) => (value === null ? otherwise : shortRelative(value, nowMs))
  return [
    { head: 'ID', value: ({ id }) => id },
    { head: 'NAME', value: ({ name }) => name, least: 16 },
    { head: 'SCOPES', value: ({ scopes }) => scopesInWords(scopes), least: 12 },
    { head: 'FOR', value: ({ environment }) => environment ?? '', expendable: 2 },
    { head: 'STATE', value: ({ state }) => state, expendable: 1 },
    { head: 'LAST USED', value: ({ lastUsedAt }) => time(lastUsedAt, 'never') },
    { head: 'ENDS', value: ({ expiresAt }) => time(expiresAt, 'no end') },
  ]
}
