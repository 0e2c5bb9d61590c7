import { Anchor, SimpleGrid, Skeleton } from '@mantine/core'
import { Link } from 'react-router'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { MissingScope, useAllows } from '../../ui/missing-scope.tsx'
import { Page } from '../../ui/page.tsx'
import { Panel } from '../../ui/panel.tsx'
import { useSecrets } from '../secrets/secret-queries.ts'
import { Nodes } from '../settings/nodes.tsx'
import { FailureReasons } from './failure-reasons.tsx'
import { FirstSteps } from './first-steps.tsx'
import { Overdue } from './overdue.tsx'
import { RotationsUnderWay } from './rotations-under-way.tsx'
import { SecretCounts } from './secret-counts.tsx'
import { VerificationRates } from './verification-rates.tsx'

export function Overview() {
  const allows = useAllows()
  return (
    <Page title="Overview">
      {allows('read_secure_mode_secret') ? (
        <Everything />
      ) : (
        <MissingScope scope="read_secure_mode_secret" to="look at secrets and their usage" />
      )}
      {allows('manage_workspaces') && (
        <Panel title="Nodes" flush>
          <Nodes />
        </Panel>
      )}
    </Page>
  )
}

function Everything() {
  const secrets = useSecrets('live')
  if (secrets.isError && secrets.data === undefined) {
    return <ErrorNotice what="The secrets cannot be listed" error={secrets.error} onRetry={() => secrets.refetch()} />
  }
  if (secrets.data?.length === 0) return <FirstSteps />
  return (
    <>
      <Panel title="Rotations under way" flush>
        <RotationsUnderWay secrets={secrets.data} />
      </Panel>
      <Panel
        title="Verifications a minute"
        aside={
          <Anchor component={Link} to="/try-it" size="xs">
            Try one
          </Anchor>
        }
      >
        <VerificationRates />
      </Panel>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Panel title="What did not verify" flush>
          <FailureReasons />
        </Panel>
        <Panel title="Overdue for rotation" flush>
          <Overdue secrets={secrets.data} />
        </Panel>
      </SimpleGrid>
      <Panel title="Secrets by state and age">
        {secrets.data ? <SecretCounts secrets={secrets.data} /> : <Skeleton height={120} />}
      </Panel>
    </>
  )
}
