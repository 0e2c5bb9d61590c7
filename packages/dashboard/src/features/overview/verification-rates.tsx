import { SimpleGrid, Skeleton, Text } from '@mantine/core'
import { lazy, Suspense } from 'react'
import chartKey from '../../ui/chart-key.module.css'
import { useNow } from '../../ui/clock.ts'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { platforms, platformWords } from '../../ui/platforms.tsx'
import { count, rate } from '../../ui/words.ts'
import { outcomeSeries } from './outcome-series.ts'
import { type HourOfPlatform, ratesOf, useOutcomes } from './outcomes.ts'
import classes from './overview.module.css'

const RatesChart = lazy(() => import('./rates-chart.tsx').then(({ RatesChart }) => ({ default: RatesChart })))

/** One chart for each platform, all to the same scale, so that they can be compared. */
export function VerificationRates() {
  const { data: counts, error } = useOutcomes()
  const nowMs = useNow(60_000)
  if (error !== null && counts === undefined) return <ErrorNotice what="The outcomes cannot be read" error={error} />
  const rates = platforms.map((platform) => ({
    platform,
    hours: ratesOf(counts ?? [], platform, nowMs),
    total: counts?.filter((each) => each.platform === platform).reduce((sum, each) => sum + each.count, 0) ?? 0,
  }))
  const highest = Math.max(1, ...rates.flatMap(({ hours }) => hours.map(sumOf)))
  return (
    <>
      <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="lg">
        {rates.map(({ platform, hours, total }) => (
          <div key={platform}>
            <Text size="sm" fw={550}>
              {platformWords[platform]}
            </Text>
            <Text size="xs" c="dimmed">
              {count(total)} in 24 h, {rate(sumOf(hours.at(-1)))} a minute now
            </Text>
            <div className={classes['chart']} role="img" aria-label={inWords(platformWords[platform], hours)}>
              {counts === undefined ? (
                <Skeleton height={148} />
              ) : (
                <Suspense fallback={<Skeleton height={148} />}>
                  <RatesChart hours={hours} highest={highest} />
                </Suspense>
              )}
            </div>
          </div>
        ))}
      </SimpleGrid>
      <ul className={classes['legend']}>
        {outcomeSeries.map(({ name, color }) => (
          <li key={name}>
            <span className={chartKey['swatch']} style={{ background: color }} aria-hidden="true" />
            {name}
          </li>
        ))}
        <li>By the hour, as an average a minute; 24 hours</li>
      </ul>
    </>
  )
}

const sumOf = (hour: HourOfPlatform | undefined) =>
  hour === undefined ? 0 : hour.verified + hour.unsigned + hour.failed

function inWords(platform: string, hours: readonly HourOfPlatform[]): string {
  const latest = hours.at(-1)
  const parts = outcomeSeries.map(({ name }) => `${rate(latest?.[name] ?? 0)} ${name}`)
  return `${platform}, a minute, in the current hour: ${parts.join(', ')}`
}
