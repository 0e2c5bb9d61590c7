import type { Node } from '@cutover/contract'
import { Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useOpenSession } from '../../app/session-store.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { Id } from '../../ui/fingerprint.tsx'
import { MissingScope, useAllows } from '../../ui/missing-scope.tsx'
import { Moment } from '../../ui/moment.tsx'
import { StateBadge } from '../../ui/state-badge.tsx'
import { count, plural } from '../../ui/words.ts'

const columns: readonly Column<Node>[] = [
  { label: 'Node', cell: ({ id }) => <Id value={id} /> },
  { label: 'State', cell: ({ state }) => <StateBadge state={state} />, order: ({ state }) => state },
  { label: 'Lag', cell: (node) => <Lag node={node} />, order: ({ behindBy }) => behindBy, numeric: true },
  { label: 'Applied', cell: ({ appliedEpoch }) => count(appliedEpoch), numeric: true },
  {
    label: 'Lease left',
    cell: ({ leaseLeftMs, leaseMs }) => `${(leaseLeftMs / 1000).toFixed(1)} of ${leaseMs / 1000} s`,
    numeric: true,
  },
  { label: 'Started', cell: ({ startedAt }) => <Moment iso={startedAt} />, numeric: true },
  { label: 'Version', cell: ({ version }) => version, numeric: true },
]

/** The processes that serve, and how far each is behind the newest change. */
export function Nodes() {
  const isAllowed = useAllows()('manage_workspaces')
  const { client } = useOpenSession()
  const nodes = useQuery({
    queryKey: ['nodes'],
    queryFn: () => client.nodes(),
    refetchInterval: 5000,
    enabled: isAllowed,
  })
  if (!isAllowed) {
    return (
      <Text component="div" p={16} pt={0}>
        <MissingScope scope="manage_workspaces" to="see the nodes" />
      </Text>
    )
  }
  if (nodes.isError && nodes.data === undefined)
    return <ErrorNotice what="The nodes cannot be listed" error={nodes.error} />
  return <DataTable label="Nodes" noun="node" columns={columns} rows={nodes.data?.data} rowKey={({ id }) => id} />
}

function Lag({ node: { behindBy } }: { readonly node: Node }) {
  return behindBy === 0 ? 'none' : <strong>{plural(behindBy, 'change')} behind</strong>
}
