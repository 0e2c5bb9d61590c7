import type { AccessToken } from '@cutover/contract'
import { Button, SegmentedControl } from '@mantine/core'
import { IconKey, IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { useOpenSession } from '../../app/session-store.ts'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { ReadOnlyNote, Requires, useAllows } from '../../ui/missing-scope.tsx'
import { NothingYet } from '../../ui/nothing-yet.tsx'
import { Page } from '../../ui/page.tsx'
import { Panel } from '../../ui/panel.tsx'
import { TokensTable } from './tokens-table.tsx'

const CreateToken = lazy(() => import('./create-token.tsx').then(({ CreateToken }) => ({ default: CreateToken })))

export function AccessTokens() {
  const [isCreating, setIsCreating] = useState(false)
  const allows = useAllows()
  const [kind, setKind] = useState<'workspace' | 'instance'>('workspace')
  return (
    <Page
      title="Access tokens"
      lead="One for each program, with what that program uses and nothing else."
      actions={
        allows('write_access_tokens') ? (
          <Button leftSection={<IconPlus size={16} />} onClick={() => setIsCreating(true)}>
            New token
          </Button>
        ) : (
          <ReadOnlyNote scope="write_access_tokens" />
        )
      }
    >
      <Requires scope="read_access_tokens" to="list access tokens">
        {allows('manage_workspaces') && (
          <div>
            <SegmentedControl
              aria-label="Which tokens"
              data={[
                { value: 'workspace', label: 'Of this workspace' },
                { value: 'instance', label: 'Of the instance' },
              ]}
              value={kind}
              onChange={(value) => setKind(value === 'instance' ? 'instance' : 'workspace')}
            />
          </div>
        )}
        <Panel flush>
          <Tokens isInstance={kind === 'instance'} />
        </Panel>
      </Requires>
      {isCreating && (
        <Suspense>
          <CreateToken isInstance={kind === 'instance'} onClose={() => setIsCreating(false)} />
        </Suspense>
      )}
    </Page>
  )
}

function Tokens({ isInstance }: { readonly isInstance: boolean }) {
  const { client } = useOpenSession()
  const tokens = useQuery({
    queryKey: ['access-tokens', isInstance],
    queryFn: (): Promise<AccessToken[]> =>
      Array.fromAsync(client.accessTokens.all(isInstance ? { instance: true } : {})),
    refetchInterval: 60_000,
  })
  if (tokens.isError && tokens.data === undefined) {
    return <ErrorNotice what="The tokens cannot be listed" error={tokens.error} onRetry={() => tokens.refetch()} />
  }
  return (
    <TokensTable
      tokens={tokens.data}
      empty={
        <NothingYet icon={<IconKey />} title="No token of this workspace yet">
          The first step: one with the preset <code>production-verifier</code> for the backend that verifies users.
        </NothingYet>
      }
    />
  )
}
