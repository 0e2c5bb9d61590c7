import type { IdentitySecret, LiveCutover } from '@cutover/contract'
import { Skeleton } from '@mantine/core'
import { lazy, Suspense } from 'react'
import { Link } from 'react-router'
import chartKey from '../../ui/chart-key.module.css'
import { count, listed } from '../../ui/words.ts'
import classes from './live.module.css'
import { seriesOf, totalOf } from './moved-traffic.ts'

const MinutesChart = lazy(() => import('./minutes-chart.tsx').then(({ MinutesChart }) => ({ default: MinutesChart })))

interface TrafficProps {
  readonly event: LiveCutover | null
  readonly secret: IdentitySecret
}

/** What was verified in the last hour, minute by minute, by secret. */
export function Traffic({ event, secret }: TrafficProps) {
  if (event === null) return <Skeleton height={306} />
  const series = seriesOf(event.secrets, secret.id, secret.successorId)
  const totals = series.map((each) => ({ ...each, total: totalOf(event.minutes, each.id) }))
  return (
    <>
      <ul className={classes['legend']}>
        {totals.map(({ id, label, color, total }) => (
          <li key={id}>
            <span className={chartKey['swatch']} style={{ background: color }} aria-hidden="true" />
            <span className="name">{id === secret.id ? label : <Link to={`/secrets/${id}`}>{label}</Link>}</span>
            {count(total)} in the last hour
          </li>
        ))}
      </ul>
      <div className={classes['chart']} role="img" aria-label={inWords(totals)}>
        <Suspense fallback={<Skeleton height={280} />}>
          <MinutesChart minutes={event.minutes} series={series} />
        </Suspense>
      </div>
    </>
  )
}

function inWords(totals: readonly { readonly label: string; readonly total: number }[]): string {
  const parts = totals.map(({ label, total }) => `${count(total)} with ${label}`)
  return `Verifications by minute in the last hour: ${listed(parts)}`
}
