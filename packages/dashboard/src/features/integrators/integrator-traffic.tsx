import type { Integrator, IntegratorUsage } from '@cutover/contract'
import { Skeleton } from '@mantine/core'
import { lazy, Suspense } from 'react'
import chartKey from '../../ui/chart-key.module.css'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { count, plural } from '../../ui/words.ts'
import classes from '../rotation/live.module.css'
import type { Minute } from '../rotation/minute.ts'
import type { ChartSeries } from '../rotation/moved-traffic.ts'
import { useIntegratorUsage } from './integrator-queries.ts'

const MinutesChart = lazy(() =>
  import('../rotation/minutes-chart.tsx').then(({ MinutesChart }) => ({ default: MinutesChart })),
)

const minuteMs = 60_000
const colors = ['var(--old)', 'var(--fourth)', 'var(--third)']

/** What it signed in the last hour, by secret: the current one on top, ended ones below. */
export function IntegratorTraffic({ integrator }: { readonly integrator: Integrator }) {
  const { data: usage, error } = useIntegratorUsage(integrator.id)
  if (error !== null && usage === undefined) return <ErrorNotice what="The counts cannot be read" error={error} />
  if (usage === undefined) return <Skeleton height={306} />
  const series = seriesOf(usage, integrator)
  const total = usage.data.reduce((sum, each) => sum + each.count, 0)
  return (
    <>
      <ul className={classes['legend']}>
        {series.map(({ id, label, color }) => (
          <li key={id}>
            <span className={chartKey['swatch']} style={{ background: color }} aria-hidden="true" />
            <code>{label}</code>
            {count(countOf(usage, id))} in the last hour
          </li>
        ))}
      </ul>
      <div className={classes['chart']} role="img" aria-label={`${plural(total, 'signed request')} in the last hour`}>
        <Suspense fallback={<Skeleton height={280} />}>
          <MinutesChart minutes={minutesOf(usage, Date.now())} series={series} />
        </Suspense>
      </div>
    </>
  )
}

function seriesOf({ data }: IntegratorUsage, { secrets }: Integrator): readonly ChartSeries[] {
  const current = secrets.find(({ state }) => state === 'current')?.fingerprint
  const older = [...new Set(data.map(({ fingerprint }) => fingerprint))].filter((each) => each !== current)
  const below = older.map((id, index) => ({ id, label: id, color: colors[index % colors.length] ?? 'var(--fourth)' }))
  return current === undefined ? below : [...below, { id: current, label: `${current} (current)`, color: 'var(--new)' }]
}

function countOf({ data }: IntegratorUsage, id: string): number {
  return data.filter(({ fingerprint }) => fingerprint === id).reduce((sum, each) => sum + each.count, 0)
}

/** Every minute of the hour, also those without a use, which the answer leaves out. */
function minutesOf({ data }: IntegratorUsage, nowMs: number): readonly Minute[] {
  const last = Math.floor(nowMs / minuteMs) * minuteMs
  return Array.from({ length: 60 }, (_, index) => {
    const start = new Date(last - (59 - index) * minuteMs).toISOString()
    const counts = data.filter((each) => each.start === start).map((each) => [each.fingerprint, each.count] as const)
    return { start, counts: Object.fromEntries(counts) }
  })
}
