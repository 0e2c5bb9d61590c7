import type { IdentitySecret } from '@cutover/contract'
import { Anchor, Breadcrumbs, Button, Skeleton, Text } from '@mantine/core'
import { IconRefresh } from '@tabler/icons-react'
import { Link, useParams } from 'react-router'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { ReadOnlyNote, Requires, useAllows } from '../../ui/missing-scope.tsx'
import { Page } from '../../ui/page.tsx'
import { Panel } from '../../ui/panel.tsx'
import { StateBadge } from '../../ui/state-badge.tsx'
import { type OpenDialog, SecretMenu, useSecretDialogs } from '../secrets/secret-actions.tsx'
import { isOverdue, useSecret, useSecrets } from '../secrets/secret-queries.ts'
import { LiveView } from './live-view.tsx'
import { SecretFacts } from './secret-facts.tsx'

export function SecretPage() {
  const { id = '' } = useParams()
  const mayRead = useAllows()('read_secure_mode_secret')
  if (!mayRead) {
    return (
      <Page title="Secret" above={<WayBack />}>
        <Requires scope="read_secure_mode_secret" to="look at identity secrets">
          {null}
        </Requires>
      </Page>
    )
  }
  return <OneSecret key={id} id={id} />
}

function OneSecret({ id }: { readonly id: string }) {
  const secret = useSecret(id)
  const [open, dialog] = useSecretDialogs()
  if (secret.data === undefined) {
    return (
      <Page title={`Secret ${id}`} above={<WayBack />}>
        {secret.isError ? (
          <ErrorNotice what="There is nothing to show" error={secret.error} />
        ) : (
          <Skeleton height={420} />
        )}
      </Page>
    )
  }
  const { data } = secret
  return (
    <Page
      title={data.name}
      above={<WayBack />}
      beside={
        <>
          <StateBadge state={data.state} />
          {isOverdue(data) && <StateBadge state="overdue" />}
        </>
      }
      lead={<Predecessor id={id} />}
      actions={<Actions secret={data} onOpen={open} />}
    >
      <LiveView secret={data} onDelete={() => open(data, 'delete')} />
      <Panel title="Facts">
        <SecretFacts secret={data} />
      </Panel>
      {dialog}
    </Page>
  )
}

function Actions({ secret, onOpen }: { readonly secret: IdentitySecret; readonly onOpen: OpenDialog }) {
  const mayRotate = secret.successorId === null && (secret.state === 'active' || secret.state === 'retiring')
  if (!useAllows()('write_secure_mode_secret')) return <ReadOnlyNote scope="write_secure_mode_secret" />
  return (
    <>
      {mayRotate && (
        <Button leftSection={<IconRefresh size={16} />} onClick={() => onOpen(secret, 'rotate')}>
          Rotate
        </Button>
      )}
      <SecretMenu secret={secret} onOpen={onOpen} withLabel />
    </>
  )
}

/** The rotation is watched from the side of the old one. */
function Predecessor({ id }: { readonly id: string }) {
  const { data: secrets = [] } = useSecrets('live')
  const predecessor = secrets.find(({ successorId }) => successorId === id)
  if (predecessor === undefined) return null
  return (
    <Text size="sm" span>
      It replaces{' '}
      <Anchor component={Link} to={`/secrets/${predecessor.id}`} inherit underline="always" className="name">
        {predecessor.name}
      </Anchor>
      : watch the rotation there.
    </Text>
  )
}

function WayBack() {
  return (
    <Breadcrumbs mb={6} fz="sm">
      <Anchor component={Link} to="/secrets" size="sm">
        Secrets
      </Anchor>
    </Breadcrumbs>
  )
}
