import { Button, Text } from '@mantine/core'
import { IconListDetails } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useSearchParams } from 'react-router'
import { useOpenSession } from '../../app/session-store.ts'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { Requires } from '../../ui/missing-scope.tsx'
import { NothingYet } from '../../ui/nothing-yet.tsx'
import { Page } from '../../ui/page.tsx'
import { Panel } from '../../ui/panel.tsx'
import { type AuditFilter, filterOf, paramsOf, queryOf } from './audit-filter.ts'
import { AuditFilters } from './audit-filters.tsx'
import { ChainState } from './chain-state.tsx'
import { EntryList } from './entry-list.tsx'

export function AuditLog() {
  return (
    <Page
      title="Audit log"
      lead="Who did what, when, from where, and with what result. Each entry is chained to the one before it by its hash."
    >
      <Requires scope="read_audit_log" to="read the audit log">
        <Log />
      </Requires>
    </Page>
  )
}

function Log() {
  const [params, setParams] = useSearchParams()
  const filter = filterOf(params)
  return (
    <>
      <ChainState chain={filter.chain} />
      <AuditFilters filter={filter} onFilter={(next) => setParams(paramsOf(next))} />
      <Panel flush>
        <Entries key={JSON.stringify(filter)} filter={filter} />
      </Panel>
    </>
  )
}

function Entries({ filter }: { readonly filter: AuditFilter }) {
  const { client } = useOpenSession()
  const pages = useInfiniteQuery({
    queryKey: ['audit-log', filter],
    queryFn: ({ pageParam }) => client.auditLog.list({ ...queryOf(filter), limit: 50, cursor: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  })
  if (pages.isError && pages.data === undefined) {
    return <ErrorNotice what="The audit log cannot be read" error={pages.error} onRetry={() => pages.refetch()} />
  }
  return (
    <>
      <EntryList
        entries={pages.data?.pages.flatMap(({ data }) => data)}
        empty={
          <NothingYet icon={<IconListDetails />} title="No entry fits">
            Every change and every refused call is recorded. Take a filter away to see more.
          </NothingYet>
        }
      />
      {pages.hasNextPage && (
        <Text component="div" p="sm" ta="center">
          <Button variant="default" onClick={() => pages.fetchNextPage()} loading={pages.isFetchingNextPage}>
            Show older entries
          </Button>
        </Text>
      )}
    </>
  )
}
