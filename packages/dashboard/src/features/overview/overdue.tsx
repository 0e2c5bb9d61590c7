import type { IdentitySecret } from '@cutover/contract'
import { Anchor, Text } from '@mantine/core'
import { Link } from 'react-router'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { Moment } from '../../ui/moment.tsx'
import { plural } from '../../ui/words.ts'
import { isOverdue } from '../secrets/secret-queries.ts'

const columns: readonly Column<IdentitySecret>[] = [
  {
    label: 'Name',
    cell: ({ id, name }) => (
      <Anchor component={Link} to={`/secrets/${id}`} size="sm" className="name">
        {name}
      </Anchor>
    ),
  },
  { label: 'Age', cell: ({ ageDays }) => plural(ageDays, 'day'), numeric: true },
  { label: 'Due', cell: ({ rotationDueAt }) => <Moment iso={rotationDueAt} />, numeric: true },
]

export function Overdue({ secrets }: { readonly secrets: readonly IdentitySecret[] | undefined }) {
  const overdue = secrets?.filter((secret) => isOverdue(secret)).sort((one, other) => other.ageDays - one.ageDays)
  return (
    <DataTable
      label="Overdue secrets"
      noun="secret"
      columns={columns}
      rows={overdue}
      rowKey={({ id }) => id}
      pageSize={5}
      empty={
        <Text size="sm" c="dimmed" px={16} pb={16}>
          None. How old a secret may be is in the{' '}
          <Anchor component={Link} to="/settings" inherit underline="always">
            settings
          </Anchor>
          .
        </Text>
      }
    />
  )
}
