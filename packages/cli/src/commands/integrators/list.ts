import type { Integrator } from '@cutover/contract'
import { Command } from 'commander'
import { collect } from '../../collect.ts'
import { type ConnectionOptions, connect, withConnection } from '../../connection.ts'
import { scoped } from '../../scoped.ts'
import type { Terminal } from '../../terminal.ts'
import { type Column, reportList } from '../../ui/list.ts'
import { secondsSince, shortSpan } from '../../ui/times.ts'

interface ListOptions extends ConnectionOptions {
  readonly overdue?: boolean
}

export function listCommand(terminal: Terminal): Command {
  return withConnection(new Command('list'))
    .description('list them')
    .option('--overdue', 'only those whose secret is older than the policy of the workspace allows')
    .action(
      scoped('read_integrators', async (options: ListOptions) => {
        const { client } = await connect(options, terminal)
        const rows = await collect(client.integrators.all({ overdue: options.overdue }))
        reportList(terminal, options, rows, { columns: columnsAt(Date.now()), none: 'There are no such integrators.' })
      }),
    )
}

function columnsAt(nowMs: number): readonly Column<Integrator>[] {
  return [
    { head: 'ID', value: ({ id }) => id },
    { head: 'NAME', value: ({ name }) => name, least: 16 },
    { head: 'KEY', value: ({ key }) => key },
    { head: 'SECRETS', value: ({ secrets }) => (secrets.length === 1 ? '1' : `1 + ${secrets.length - 1} old`) },
    { head: 'AGE', value: ({ createdAt }) => shortSpan(secondsSince(createdAt, nowMs)), expendable: 1 },
  ]
}
