import type { IdentitySecret } from '@cutover/contract'
import { Anchor, Group, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { Fingerprint } from '../../ui/fingerprint.tsx'
import { Moment } from '../../ui/moment.tsx'
import { chosenOf, Platforms } from '../../ui/platforms.tsx'
import { StateBadge } from '../../ui/state-badge.tsx'
import { type OpenDialog, SecretMenu, useSecretDialogs } from './secret-actions.tsx'
import { isOverdue } from './secret-queries.ts'
import { ShareOfDay } from './share-of-day.tsx'

const columnsWith = (onOpen: OpenDialog): readonly Column<IdentitySecret>[] => [
  { label: 'Name', cell: (secret) => <Name secret={secret} />, order: ({ name }) => name },
  { label: 'State', cell: (secret) => <State secret={secret} />, order: ({ state }) => state },
  {
    label: 'Platforms',
    cell: ({ platforms }) => <Platforms value={platforms} />,
    order: ({ platforms }) => chosenOf(platforms).join(),
  },
  { label: 'Age', cell: ({ ageDays }) => `${ageDays} d`, order: ({ ageDays }) => ageDays, numeric: true },
  {
    label: 'Last used',
    cell: ({ lastVerifiedAt }) => <Moment iso={lastVerifiedAt} never="never" />,
    order: ({ lastVerifiedAt }) => (lastVerifiedAt === null ? 0 : Date.parse(lastVerifiedAt)),
    numeric: true,
  },
  { label: 'Last 24 h', cell: (secret) => <ShareOfDay secret={secret} />, numeric: true },
  { label: 'Actions', cell: (secret) => <SecretMenu secret={secret} onOpen={onOpen} />, bare: true, numeric: true },
]

interface SecretsTableProps {
  readonly secrets: readonly IdentitySecret[] | undefined
  readonly empty: ReactNode
}

export function SecretsTable({ secrets, empty }: SecretsTableProps) {
  const [open, dialog] = useSecretDialogs()
  return (
    <>
      <DataTable
        label="Secrets"
        noun="secret"
        columns={columnsWith(open)}
        rows={secrets}
        rowKey={({ id }) => id}
        empty={empty}
      />
      {dialog}
    </>
  )
}

function Name({ secret: { id, name, fingerprint } }: { readonly secret: IdentitySecret }) {
  return (
    <>
      <Anchor component={Link} to={`/secrets/${id}`} fw={550} size="sm" className="name">
        {name}
      </Anchor>
      <Text size="xs" c="dimmed" component="div">
        <code>{id}</code> · <Fingerprint value={fingerprint} />
      </Text>
    </>
  )
}

function State({ secret }: { readonly secret: IdentitySecret }) {
  return (
    <Group gap={6}>
      <StateBadge state={secret.state} />
      {isOverdue(secret) && <StateBadge state="overdue" />}
      <Until secret={secret} />
    </Group>
  )
}

/** What happens next by itself. */
function Until({ secret: { state, expiresAt, enableAt } }: { readonly secret: IdentitySecret }) {
  const next = state === 'retiring' ? ['ends', expiresAt] : state === 'disabled' ? ['enabled', enableAt] : null
  if (next === null || next[1] == null) return null
  return (
    <Text size="xs" c="dimmed" component="span">
      {next[0]} <Moment iso={next[1]} />
    </Text>
  )
}
