import type { Integrator } from '@cutover/contract'
import { Anchor, Button, Group, Text } from '@mantine/core'
import { IconPlugConnected, IconPlus } from '@tabler/icons-react'
import { lazy, Suspense, useState } from 'react'
import { Link } from 'react-router'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { Fingerprint, Id } from '../../ui/fingerprint.tsx'
import { ReadOnlyNote, Requires, useAllows } from '../../ui/missing-scope.tsx'
import { Moment } from '../../ui/moment.tsx'
import { NothingYet } from '../../ui/nothing-yet.tsx'
import { Page } from '../../ui/page.tsx'
import { Panel } from '../../ui/panel.tsx'
import { StateBadge } from '../../ui/state-badge.tsx'
import { isOverdue } from '../secrets/secret-queries.ts'
import { useIntegrators } from './integrator-queries.ts'

const CreateIntegrator = lazy(() =>
  import('./create-integrator.tsx').then(({ CreateIntegrator }) => ({ default: CreateIntegrator })),
)

const columns: readonly Column<Integrator>[] = [
  { label: 'Name', cell: (integrator) => <Name integrator={integrator} />, order: ({ name }) => name },
  { label: 'Secrets', cell: ({ secrets }) => <Secrets secrets={secrets} /> },
  { label: 'Key', cell: ({ key }) => <Id value={key} /> },
  {
    label: 'Created',
    cell: ({ createdAt }) => <Moment iso={createdAt} />,
    order: ({ createdAt }) => Date.parse(createdAt),
    numeric: true,
  },
]

export function Integrators() {
  const [isCreating, setIsCreating] = useState(false)
  const mayWrite = useAllows()('write_integrators')
  const create = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setIsCreating(true)}>
      New integrator
    </Button>
  )
  return (
    <Page
      title="Integrators"
      lead="Other people's programs that sign each of their requests, and replace their secret themselves."
      actions={mayWrite ? create : <ReadOnlyNote scope="write_integrators" />}
    >
      <Requires scope="read_integrators" to="list integrators">
        <Panel flush>
          <IntegratorList onCreate={mayWrite ? () => setIsCreating(true) : null} />
        </Panel>
      </Requires>
      {isCreating && (
        <Suspense>
          <CreateIntegrator onClose={() => setIsCreating(false)} />
        </Suspense>
      )}
    </Page>
  )
}

function IntegratorList({ onCreate }: { readonly onCreate: (() => void) | null }) {
  const integrators = useIntegrators()
  if (integrators.isError && integrators.data === undefined) {
    return (
      <ErrorNotice
        what="The integrators cannot be listed"
        error={integrators.error}
        onRetry={() => integrators.refetch()}
      />
    )
  }
  return (
    <DataTable
      label="Integrators"
      noun="integrator"
      columns={columns}
      rows={integrators.data}
      rowKey={({ id }) => id}
      empty={
        <NothingYet
          icon={<IconPlugConnected />}
          title="No integrator yet"
          action={onCreate && <Button onClick={onCreate}>New integrator</Button>}
        >
          The first step: make one, and hand its key and its first secret to whoever runs the program.
        </NothingYet>
      }
    />
  )
}

function Name({ integrator: { id, name } }: { readonly integrator: Integrator }) {
  return (
    <>
      <Anchor component={Link} to={`/integrators/${id}`} fw={550} size="sm" className="name">
        {name}
      </Anchor>
      <Text size="xs" c="dimmed" component="div">
        <Id value={id} />
      </Text>
    </>
  )
}

function Secrets({ secrets }: { readonly secrets: Integrator['secrets'] }) {
  return secrets.map((secret) => (
    <Group key={secret.fingerprint} gap={8} my={2}>
      <StateBadge state={secret.state} />
      {isOverdue(secret) && <StateBadge state="overdue" />}
      <Fingerprint value={secret.fingerprint} />
      {secret.expiresAt !== null && (
        <Text size="xs" c="dimmed" span>
          ends <Moment iso={secret.expiresAt} tickMs={1000} />
        </Text>
      )}
    </Group>
  ))
}
