import type { Integrator } from '@cutover/contract'
import { Anchor, Breadcrumbs, Button, SimpleGrid, Skeleton } from '@mantine/core'
import { IconLifebuoy, IconTrash } from '@tabler/icons-react'
import { lazy, Suspense, useState } from 'react'
import { Link, useParams } from 'react-router'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Fingerprint, Id } from '../../ui/fingerprint.tsx'
import { ReadOnlyNote, Requires, useAllows } from '../../ui/missing-scope.tsx'
import { ExactMoment, Moment } from '../../ui/moment.tsx'
import { Page } from '../../ui/page.tsx'
import { Panel } from '../../ui/panel.tsx'
import { StateBadge } from '../../ui/state-badge.tsx'
import { isOverdue } from '../secrets/secret-queries.ts'
import { useIntegrator } from './integrator-queries.ts'
import { IntegratorTraffic } from './integrator-traffic.tsx'
import { OlderSecrets } from './older-secrets.tsx'

const RecoverSecret = lazy(() =>
  import('./recover-secret.tsx').then(({ RecoverSecret }) => ({ default: RecoverSecret })),
)
const DeleteIntegrator = lazy(() =>
  import('./delete-integrator.tsx').then(({ DeleteIntegrator }) => ({ default: DeleteIntegrator })),
)

type Secret = Integrator['secrets'][number]

const columns: readonly Column<Secret>[] = [
  { label: 'Fingerprint', cell: ({ fingerprint }) => <Fingerprint value={fingerprint} /> },
  {
    label: 'State',
    cell: (secret) => (
      <>
        <StateBadge state={secret.state} /> {isOverdue(secret) && <StateBadge state="overdue" />}
      </>
    ),
  },
  { label: 'Ends', cell: ({ expiresAt }) => <Moment iso={expiresAt} never="no end" tickMs={1000} />, numeric: true },
  { label: 'Created', cell: ({ createdAt }) => <Moment iso={createdAt} />, numeric: true },
]

export function IntegratorPage() {
  const { id = '' } = useParams()
  const mayRead = useAllows()('read_integrators')
  if (mayRead) return <OneIntegrator key={id} id={id} />
  return (
    <Page title="Integrator" above={<WayBack />}>
      <Requires scope="read_integrators" to="look at integrators">
        {null}
      </Requires>
    </Page>
  )
}

function OneIntegrator({ id }: { readonly id: string }) {
  const integrator = useIntegrator(id)
  const [open, setOpen] = useState<'recover' | 'delete' | null>(null)
  const close = () => setOpen(null)
  if (integrator.data === undefined) {
    return (
      <Page title="Integrator" above={<WayBack />}>
        {integrator.isError ? (
          <ErrorNotice what="There is nothing to show" error={integrator.error} />
        ) : (
          <Skeleton height={420} />
        )}
      </Page>
    )
  }
  const { data } = integrator
  return (
    <Page title={data.name} above={<WayBack />} actions={<Actions onOpen={setOpen} />}>
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        <Panel title="Accepted secrets" flush>
          <DataTable
            label="Secrets"
            noun="secret"
            columns={columns}
            rows={data.secrets}
            rowKey={({ fingerprint }) => fingerprint}
          />
        </Panel>
        <Panel title="Has it left its older secrets?">
          <OlderSecrets id={id} />
        </Panel>
      </SimpleGrid>
      <Panel title="Requests by minute">
        <IntegratorTraffic integrator={data} />
      </Panel>
      <Panel title="Facts">
        <Facts
          facts={[
            ['Id', <Id key="id" value={data.id} />],
            ['Key', <Id key="key" value={data.key} />],
            ['Created', <ExactMoment key="created" iso={data.createdAt} />],
            ['Created by', <Id key="by" value={data.createdBy} />],
          ]}
        />
      </Panel>
      <Suspense>
        {open === 'recover' && <RecoverSecret integrator={data} onClose={close} />}
        {open === 'delete' && <DeleteIntegrator integrator={data} onClose={close} />}
      </Suspense>
    </Page>
  )
}

function Actions({ onOpen }: { readonly onOpen: (name: 'recover' | 'delete') => void }) {
  if (!useAllows()('write_integrators')) return <ReadOnlyNote scope="write_integrators" />
  return (
    <>
      <Button variant="default" leftSection={<IconLifebuoy size={16} />} onClick={() => onOpen('recover')}>
        Recover…
      </Button>
      <Button variant="default" leftSection={<IconTrash size={16} />} onClick={() => onOpen('delete')}>
        Delete…
      </Button>
    </>
  )
}

function WayBack() {
  return (
    <Breadcrumbs mb={6} fz="sm">
      <Anchor component={Link} to="/integrators" size="sm">
        Integrators
      </Anchor>
    </Breadcrumbs>
  )
}
