import type { AccessToken, Scope } from '@cutover/contract'
import { ActionIcon, Group, Menu, Text } from '@mantine/core'
import { IconDots, IconRefresh, IconTrash } from '@tabler/icons-react'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { Id } from '../../ui/fingerprint.tsx'
import { useAllows } from '../../ui/missing-scope.tsx'
import { Moment } from '../../ui/moment.tsx'
import { StateBadge } from '../../ui/state-badge.tsx'
import { isOverdue } from '../secrets/secret-queries.ts'
import classes from './tokens.module.css'

const dialogs = {
  rotate: lazy(() => import('./rotate-token.tsx').then(({ RotateToken }) => ({ default: RotateToken }))),
  revoke: lazy(() => import('./revoke-token.tsx').then(({ RevokeToken }) => ({ default: RevokeToken }))),
}

export interface TokenDialogProps {
  readonly token: AccessToken
  readonly onClose: () => void
}

type OpenDialog = (token: AccessToken, name: keyof typeof dialogs) => void

const columnsWith = (onOpen: OpenDialog): readonly Column<AccessToken>[] => [
  { label: 'Name', cell: (token) => <Name token={token} />, order: ({ name }) => name },
  { label: 'State', cell: (token) => <State token={token} />, order: ({ state }) => state },
  { label: 'Scopes', cell: (token) => <Scopes token={token} /> },
  {
    label: 'Last used',
    cell: ({ lastUsedAt }) => <Moment iso={lastUsedAt} never="never" />,
    order: ({ lastUsedAt }) => (lastUsedAt === null ? 0 : Date.parse(lastUsedAt)),
    numeric: true,
  },
  {
    label: 'Ends',
    cell: ({ expiresAt }) => <Moment iso={expiresAt} never="no end" />,
    order: ({ expiresAt }) => (expiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(expiresAt)),
    numeric: true,
  },
  {
    label: 'Created',
    cell: ({ createdAt }) => <Moment iso={createdAt} />,
    order: ({ createdAt }) => Date.parse(createdAt),
    numeric: true,
  },
  { label: 'Actions', cell: (token) => <Actions token={token} onOpen={onOpen} />, bare: true, numeric: true },
]

interface TokensTableProps {
  readonly tokens: readonly AccessToken[] | undefined
  readonly empty: ReactNode
}

export function TokensTable({ tokens, empty }: TokensTableProps) {
  const [open, setOpen] = useState<{ readonly token: AccessToken; readonly name: keyof typeof dialogs } | null>(null)
  const Chosen = open && dialogs[open.name]
  return (
    <>
      <DataTable
        label="Access tokens"
        noun="token"
        columns={columnsWith((token, name) => setOpen({ token, name }))}
        rows={tokens}
        rowKey={({ id }) => id}
        empty={empty}
      />
      {Chosen && (
        <Suspense>
          <Chosen token={open.token} onClose={() => setOpen(null)} />
        </Suspense>
      )}
    </>
  )
}

function Name({ token: { id, name, environment } }: { readonly token: AccessToken }) {
  return (
    <>
      <Text size="sm" fw={550} className="name">
        {name}
      </Text>
      <Text size="xs" c="dimmed" component="div">
        <Id value={id} />
        {environment !== null && ` · ${environment}`}
      </Text>
    </>
  )
}

function State({ token }: { readonly token: AccessToken }) {
  return (
    <Group gap={6}>
      <StateBadge state={token.state} />
      {isOverdue(token) && <StateBadge state="overdue" />}
    </Group>
  )
}

/** A scope that nobody uses is one that a leak would give away for nothing. */
function Scopes({ token: { scopes, unusedScopes } }: { readonly token: AccessToken }) {
  return (
    <div className={classes['scopes']}>
      {scopes.map((scope) => (
        <ScopeChip key={scope} scope={scope} isUnused={unusedScopes?.includes(scope) ?? false} />
      ))}
      {unusedScopes === null && <span className={classes['young']}>use not known yet: younger than 30 days</span>}
    </div>
  )
}

function ScopeChip({ scope, isUnused }: { readonly scope: Scope; readonly isUnused: boolean }) {
  return (
    <span
      className={classes['scope']}
      data-unused={isUnused}
      {...(isUnused ? { title: 'Not used in the last 30 days' } : {})}
    >
      <code>{scope}</code>
      {isUnused && ' · unused'}
    </span>
  )
}

function Actions({ token, onOpen }: { readonly token: AccessToken; readonly onOpen: OpenDialog }) {
  if (!useAllows()('write_access_tokens')) return null
  return (
    <Menu position="bottom-end" width={180}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${token.name}`}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {token.state === 'active' && (
          <Menu.Item leftSection={<IconRefresh size={15} />} onClick={() => onOpen(token, 'rotate')}>
            Rotate…
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconTrash size={15} />} c="var(--bad)" onClick={() => onOpen(token, 'revoke')}>
          Revoke…
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
