import type { SecureModeSecrets } from '@cutover/client'
import type { IdentitySecret, SecureModeSecret } from '@cutover/contract'
import { Command } from 'commander'
import { collect } from '../../collect.ts'
import { type ConnectionOptions, connect, connectToIntercom, withIntercom } from '../../connection.ts'
import { misused } from '../../failure.ts'
import { platformsOf } from '../../platforms.ts'
import { scoped } from '../../scoped.ts'
import type { Terminal } from '../../terminal.ts'
import { type Column, reportList } from '../../ui/list.ts'
import { secondsSince, shortRelative, shortSpan } from '../../ui/times.ts'
import { isOverdue, stateInShort } from './state-in-words.ts'

interface ListOptions extends ConnectionOptions {
  readonly all?: boolean
  readonly overdue?: boolean
}

export function listCommand(terminal: Terminal): Command {
  return withIntercom(new Command('list'))
    .description('list those that are live: active, disabled or retiring')
    .option('--all', 'the expired and the deleted as well')
    .option('--overdue', 'only those that are older than the policy of the workspace allows')
    .action(scoped('read_secure_mode_secret', (options: ListOptions) => list(options, terminal)))
}

async function list(options: ListOptions, terminal: Terminal): Promise<void> {
  const intercom = await connectToIntercom(options, terminal)
  if (intercom) return listOfIntercom(intercom, options, terminal)
  const { client } = await connect(options, terminal)
  const query = { state: options.all ? 'all' : 'live', ...(options.overdue ? { overdue: true } : {}) } as const
  const rows = await collect(client.identitySecrets.all(query))
  const none = options.overdue ? 'No secret is overdue.' : 'There are no secrets: cutover secrets create --help'
  reportList(terminal, options, rows, { columns: columnsAt(Date.now()), none })
}

async function listOfIntercom(secrets: SecureModeSecrets, options: ListOptions, terminal: Terminal): Promise<void> {
  if (options.all || options.overdue) throw misused('Intercom lists all that are not deleted, and knows no policy')
  const { data } = await secrets.list()
  reportList(terminal, options, data, { columns: columnsOfIntercom(Date.now()), none: 'There are no secrets.' })
}

function columnsAt(nowMs: number): readonly Column<IdentitySecret>[] {
  return [
    { head: 'ID', value: ({ id }) => id },
    { head: 'NAME', value: ({ name }) => name, least: 20 },
    { head: 'STATE', value: (secret) => stateInShort(secret, nowMs) },
    { head: 'PLATFORMS', value: ({ platforms }) => platformsOf(platforms) },
    { head: 'AGE', value: (secret) => age(secret, nowMs) },
    {
      head: 'LAST USED',
      value: ({ lastVerifiedAt }) => (lastVerifiedAt ? shortRelative(lastVerifiedAt, nowMs) : 'never'),
    },
    { head: 'FINGERPRINT', value: ({ fingerprint }) => fingerprint, expendable: 1 },
  ]
}

function age(secret: IdentitySecret, nowMs: number): string {
  return `${shortSpan(secondsSince(secret.createdAt, nowMs))}${isOverdue(secret, nowMs) ? ' overdue' : ''}`
}

function columnsOfIntercom(nowMs: number): readonly Column<SecureModeSecret>[] {
  return [
    { head: 'ID', value: ({ id }) => id },
    { head: 'NAME', value: ({ name }) => name, least: 20 },
    {
      head: 'PLATFORMS',
      value: ({ supports_web: web, supports_ios: ios, supports_android: android }) =>
        platformsOf({ web, ios, android }),
    },
    { head: 'AGE', value: ({ created_at }) => shortSpan(nowMs / 1000 - created_at) },
  ]
}
