import type { AuditLogQuery, CutoverClient } from '@cutover/client'
import type { AuditEntry } from '@cutover/contract'
import { Command, InvalidArgumentError, Option } from 'commander'
import { type ConnectionOptions, connect, withConnection } from '../../connection.ts'
import { scoped } from '../../scoped.ts'
import type { Terminal } from '../../terminal.ts'
import { type Column, reportList } from '../../ui/list.ts'
import { utc } from '../../ui/times.ts'

interface ListOptions extends ConnectionOptions, AuditLogQuery {
  readonly limit: number
}

export function listCommand(terminal: Terminal): Command {
  return withConnection(new Command('list'))
    .description('what happened last, the latest first')
    .option('--actor <id>', 'who did it: a token, an integrator, an address')
    .option('--action <action>', 'what was done: identity_secret.deleted …')
    .option('--resource <id>', 'what it was done to')
    .addOption(new Option('--result <result>', 'done, or refused').choices(['success', 'failure']))
    .option('--from <time>', 'at this time or later: 2026-11-01T00:00:00Z')
    .option('--to <time>', 'before this time')
    .addOption(new Option('--chain <chain>', 'what belongs to no workspace').choices(['instance']))
    .addOption(new Option('--limit <count>', 'how many entries at most').argParser(parseCount).default(50))
    .action(
      scoped('read_audit_log', async (options: ListOptions) => {
        const { client } = await connect(options, terminal)
        const rows = await latest(client, options)
        reportList(terminal, options, rows, { columns, none: 'The audit log has no such entry.' })
      }),
    )
}

async function latest({ auditLog }: CutoverClient, options: ListOptions): Promise<readonly AuditEntry[]> {
  const { actor, action, resource, result, from, to, chain, limit } = options
  const entries: AuditEntry[] = []
  const query = { actor, action, resource, result, from, to, chain, limit: Math.min(limit, 200) }
  for await (const entry of auditLog.all(query)) {
    entries.push(entry)
    if (entries.length === limit) break
  }
  return entries
}

const columns: readonly Column<AuditEntry>[] = [
  { head: 'NO', value: ({ sequence }) => String(sequence), expendable: 1 },
  { head: 'TIME (UTC)', value: ({ timestamp }) => utc(timestamp) },
  { head: 'ACTION', value: ({ action }) => action, least: 26 },
  { head: 'RESULT', value: ({ result }) => (result === 'failure' ? 'refused' : 'done') },
  { head: 'OF', value: ({ resource }) => resource.id ?? '', least: 8 },
  { head: 'BY', value: ({ actor }) => actor.name ?? actor.id, least: 12 },
]

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidArgumentError('It is a whole number of entries.')
  return Number(text)
}
