import type { IdentitySecret, Usage } from '@cutover/contract'
import { Anchor, Skeleton, Text } from '@mantine/core'
import { IconArrowNarrowRight } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { useOpenSession } from '../../app/session-store.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { Moment } from '../../ui/moment.tsx'
import { StateBadge } from '../../ui/state-badge.tsx'
import { share } from '../../ui/words.ts'
import { verdictWords } from '../rotation/verdict-line.tsx'
import { useVerdict } from '../secrets/secret-queries.ts'
import classes from './overview.module.css'

interface Rotation {
  readonly old: IdentitySecret
  readonly successor: IdentitySecret
}

const columns: readonly Column<Rotation>[] = [
  { label: 'Rotation', cell: ({ old, successor }) => <Pair old={old} successor={successor} /> },
  { label: 'Traffic moved', cell: ({ old, successor }) => <Moved oldId={old.id} newId={successor.id} /> },
  { label: 'May the old one go?', cell: ({ old }) => <Verdict id={old.id} /> },
  { label: 'Old one ends', cell: ({ old }) => <Moment iso={old.expiresAt} never="no end" />, numeric: true },
]

/** Every secret that has a successor and is not dead yet. */
export function RotationsUnderWay({ secrets }: { readonly secrets: readonly IdentitySecret[] | undefined }) {
  return (
    <DataTable
      label="Rotations under way"
      noun="rotation"
      columns={columns}
      rows={secrets && rotationsOf(secrets)}
      rowKey={({ old }) => old.id}
      pageSize={5}
      empty={
        <Text size="sm" c="dimmed" px={16} pb={16}>
          None. Choose a{' '}
          <Anchor component={Link} to="/secrets" inherit underline="always">
            secret
          </Anchor>{' '}
          and rotate it: this shows how its traffic goes over.
        </Text>
      }
    />
  )
}

function rotationsOf(secrets: readonly IdentitySecret[]): readonly Rotation[] {
  return secrets.flatMap((old) => {
    const successor = secrets.find(({ id }) => id === old.successorId)
    return successor === undefined ? [] : [{ old, successor }]
  })
}

function Pair({ old, successor }: Rotation) {
  return (
    <span className={classes['pair']}>
      <Anchor component={Link} to={`/secrets/${old.id}`} size="sm" fw={550} className="name">
        {old.name}
      </Anchor>
      <IconArrowNarrowRight size={16} role="img" aria-label="to" />
      <span className="name">{successor.name}</span>
    </span>
  )
}

function Moved({ oldId, newId }: { readonly oldId: string; readonly newId: string }) {
  const old = useLastHour(oldId)
  const fresh = useLastHour(newId)
  if (old === undefined || fresh === undefined) return <Skeleton height={14} width={160} />
  const isRecent = old.recent + fresh.recent > 0
  const [left, gone] = isRecent ? [old.recent, fresh.recent] : [old.all, fresh.all]
  return (
    <span className={classes['moved']} title={`Of the last ${isRecent ? '5 minutes' : 'hour'} of both`}>
      <span className={classes['movedBar']} aria-hidden="true">
        <span style={{ flexGrow: gone, background: 'var(--new)' }} />
        <span style={{ flexGrow: left, background: 'var(--old)' }} />
      </span>
      <span>{left + gone === 0 ? 'no traffic' : share(gone / (left + gone))}</span>
    </span>
  )
}

const recentMs = 5 * 60_000

function useLastHour(id: string) {
  const { client } = useOpenSession()
  const { data } = useQuery({
    queryKey: ['secrets', 'last-hour', id],
    queryFn: () => client.identitySecrets.usage(id, { bucket: 'minute' }),
    refetchInterval: 10_000,
  })
  if (data === undefined) return undefined
  const recent = data.data.filter(({ start }) => Date.now() - Date.parse(start) <= recentMs)
  return { recent: sumOf(recent), all: sumOf(data.data) }
}

const sumOf = (buckets: Usage['data']) => buckets.reduce((sum, { count }) => sum + count, 0)

function Verdict({ id }: { readonly id: string }) {
  const { data } = useVerdict(id, { staleTime: 10_000 })
  if (data === undefined) return <Skeleton height={18} width={90} />
  return (
    <span title={data.why}>
      <StateBadge state={data.verdict} label={verdictWords[data.verdict]} />
    </span>
  )
}
