import { Command } from 'commander'
import { collect } from '../collect.ts'
import { assertConfirmedByName } from '../confirmation.ts'
import { type ConnectionOptions, connect, withConnection } from '../connection.ts'
import { failed } from '../failure.ts'
import { scoped } from '../scoped.ts'
import type { Terminal } from '../terminal.ts'
import { reportList } from '../ui/list.ts'
import { report } from '../ui/report.ts'
import { onOneLine } from '../ui/table.ts'
import { utc } from '../ui/times.ts'

interface NameOptions extends ConnectionOptions {
  readonly name: string
}

/** `cutover workspaces …`: for instance tokens. */
export function workspacesCommand(terminal: Terminal): Command {
  const group = new Command('workspaces').description('workspaces of the installation; for instance tokens')
  for (const subcommand of [listCommand, createCommand, renameCommand, deleteCommand]) {
    group.addCommand(subcommand(terminal))
  }
  return group
}

function listCommand(terminal: Terminal): Command {
  return withConnection(new Command('list'))
    .description('list them')
    .action(
      scoped('manage_workspaces', async (options: ConnectionOptions) => {
        const { client } = await connect(options, terminal)
        reportList(terminal, options, await collect(client.workspaces.all()), {
          columns: [
            { head: 'ID', value: ({ id }) => id },
            { head: 'NAME', value: ({ name }) => name, least: 16 },
            { head: 'CREATED (UTC)', value: ({ createdAt }) => utc(createdAt) },
          ],
          none: 'There are no workspaces: cutover workspaces create --name …',
        })
      }),
    )
}

function createCommand(terminal: Terminal): Command {
  return withConnection(new Command('create'))
    .description('make one')
    .requiredOption('--name <name>')
    .action(
      scoped('manage_workspaces', async (options: NameOptions) => {
        const { client } = await connect(options, terminal)
        const workspace = await client.workspaces.create(options.name)
        report(terminal, options, workspace, () => `Made "${onOneLine(workspace.name)}": ${workspace.id}`)
      }),
    )
}

function renameCommand(terminal: Terminal): Command {
  return withConnection(new Command('rename'))
    .argument('<id>')
    .description('give one another name')
    .requiredOption('--name <name>')
    .action(
      scoped('manage_workspaces', async (id: string, options: NameOptions) => {
        const { client } = await connect(options, terminal)
        const workspace = await client.workspaces.rename(id, options.name)
        report(terminal, options, workspace, () => `${id} is "${onOneLine(workspace.name)}" now.`)
      }),
    )
}

function deleteCommand(terminal: Terminal): Command {
  return withConnection(new Command('delete'))
    .argument('<id>')
    .description('delete one that has no live secrets, with its tokens')
    .option('--yes', 'do not ask')
    .action(
      scoped('manage_workspaces', async (id: string, options: ConnectionOptions & { readonly yes?: boolean }) => {
        const { client } = await connect(options, terminal)
        const workspace = (await collect(client.workspaces.all())).find((each) => each.id === id)
        if (workspace === undefined) throw failed(`There is no workspace ${id}`)
        const { name } = workspace
        const question = `Delete the workspace "${name}" for good?`
        await assertConfirmedByName(terminal, { yes: options.yes, name, question })
        const { revocationEpoch } = await client.workspaces.delete(id)
        report(terminal, options, { id, name, deleted: true, revocationEpoch }, () => {
          return `Deleted "${onOneLine(name)}" (${id}): revocation epoch ${revocationEpoch}.`
        })
      }),
    )
}
