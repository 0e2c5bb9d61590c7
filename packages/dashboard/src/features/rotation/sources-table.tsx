import type { Cutover } from '@cutover/contract'
import { Text } from '@mantine/core'
import { IconUsersGroup } from '@tabler/icons-react'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { Moment } from '../../ui/moment.tsx'
import { NothingYet } from '../../ui/nothing-yet.tsx'
import { count } from '../../ui/words.ts'

type Source = Cutover['sources'][number]

const columns: readonly Column<Source>[] = [
  {
    label: 'Source',
    cell: ({ source }) =>
      source === null ? (
        <Text c="dimmed" size="sm" span>
          not named
        </Text>
      ) : (
        <code className="name">{source}</code>
      ),
    order: ({ source }) => source ?? '',
  },
  { label: 'Uses', cell: (source) => count(source.count), order: (source) => source.count, numeric: true },
  {
    label: 'Last use',
    cell: ({ lastSeenAt }) => <Moment iso={lastSeenAt} tickMs={1000} />,
    order: ({ lastSeenAt }) => Date.parse(lastSeenAt),
    numeric: true,
  },
]

interface SourcesTableProps {
  readonly sources: Cutover['sources'] | undefined
  readonly rowsShown?: number
}

/** Who signed with it, the latest first. */
export function SourcesTable({ sources, rowsShown = 10 }: SourcesTableProps) {
  return (
    <DataTable
      label="Sources"
      noun="source"
      columns={columns}
      rows={sources}
      rowKey={({ source }) => source ?? '\0'}
      pageSize={rowsShown}
      empty={
        <NothingYet icon={<IconUsersGroup />} title="Nobody has been seen with it">
          Send a <code>source</code> with each verification, “ios/4.1.0” say: then it is named here.
        </NothingYet>
      }
    />
  )
}
