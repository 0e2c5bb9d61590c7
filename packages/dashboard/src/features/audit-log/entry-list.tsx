import type { AuditEntry } from '@cutover/contract'
import { Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { ExactMoment } from '../../ui/moment.tsx'
import { StateBadge } from '../../ui/state-badge.tsx'
import { actionWords } from './audit-actions.ts'
import classes from './audit-log.module.css'

const columns: readonly Column<AuditEntry>[] = [
  { label: 'What', cell: (entry) => <What entry={entry} /> },
  { label: 'Result', cell: ({ result }) => <StateBadge state={result} /> },
  { label: 'Who', cell: (entry) => <Who entry={entry} /> },
  { label: 'On', cell: ({ resource: { type, id } }) => <On type={type} id={id} /> },
  { label: 'When', cell: ({ timestamp }) => <ExactMoment iso={timestamp} />, numeric: true },
  { label: 'No.', cell: ({ sequence }) => <code>{sequence}</code>, numeric: true },
]

interface EntryListProps {
  readonly entries: readonly AuditEntry[] | undefined
  readonly empty: ReactNode
}

export function EntryList({ entries, empty }: EntryListProps) {
  return (
    <DataTable
      label="Entries"
      noun="entry"
      columns={columns}
      rows={entries}
      rowKey={({ sequence }) => String(sequence)}
      pageSize={null}
      empty={empty}
    />
  )
}

function What({ entry }: { readonly entry: AuditEntry }) {
  const { metadata, requestId, ip, hash, previousHash } = entry
  return (
    <>
      <Text size="sm" fw={550}>
        {actionWords[entry.action] ?? entry.action}
      </Text>
      <details className={classes['details']}>
        <summary>
          {entry.action}
          <span className="visually-hidden">, details of entry {entry.sequence}</span>
        </summary>
        <pre>{JSON.stringify({ ...metadata, requestId, ip, previousHash, hash }, null, 2)}</pre>
      </details>
    </>
  )
}

function Who({ entry: { actor, ip } }: { readonly entry: AuditEntry }) {
  return (
    <>
      <span className="name">{actor.name ?? actor.type.replace('_', ' ')}</span>
      <div className={classes['who']}>
        <code className="name">{actor.id}</code>
        {ip !== null && ip !== actor.id && ` · ${ip}`}
      </div>
    </>
  )
}

function On({ type, id }: { readonly type: string; readonly id: string | null }) {
  return (
    <>
      {type.replace('_', ' ')}
      {id !== null && (
        <div className={classes['who']}>
          <code className="name">{id}</code>
        </div>
      )}
    </>
  )
}
