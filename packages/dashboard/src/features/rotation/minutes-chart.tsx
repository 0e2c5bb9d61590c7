import '@mantine/charts/styles.css'
import { BarChart } from '@mantine/charts'
import { Paper, Text } from '@mantine/core'
import chartKey from '../../ui/chart-key.module.css'
import { clockTime } from '../../ui/durations.ts'
import { count } from '../../ui/words.ts'
import type { Minute } from './minute.ts'
import type { ChartSeries } from './moved-traffic.ts'

interface MinutesChartProps {
  readonly minutes: readonly Minute[]
  readonly series: readonly ChartSeries[]
}

/** Each bar is a minute. Its height never changes, so that nothing below it moves. */
export function MinutesChart({ minutes, series }: MinutesChartProps) {
  return (
    <BarChart
      h={280}
      type="stacked"
      data={minutes.map(({ start, counts }) => ({ start, ...keyed(counts) }))}
      dataKey="start"
      series={series.map(({ id, label, color }) => ({ name: keyOf(id), label, color }))}
      withLegend={false}
      gridAxis="x"
      tickLine="none"
      strokeDasharray="0"
      gridColor="var(--line)"
      textColor="var(--mantine-color-dimmed)"
      maxBarWidth={24}
      barChartProps={{
        barCategoryGap: 1.5,
        margin: { top: 8, right: 4, bottom: 0, left: 0 },
        accessibilityLayer: false,
      }}
      barProps={{ isAnimationActive: false }}
      xAxisProps={{ tickFormatter: clockTime, interval: 9, tickMargin: 6, height: 24 }}
      yAxisProps={{ width: 44, allowDecimals: false, tickFormatter: count }}
      tooltipProps={{
        isAnimationActive: false,
        content: ({ label }) => <MinuteTip minute={minutes.find(({ start }) => start === label)} series={series} />,
      }}
    />
  )
}

function MinuteTip({
  minute,
  series,
}: {
  readonly minute: Minute | undefined
  readonly series: readonly ChartSeries[]
}) {
  if (minute === undefined) return null
  return (
    <Paper withBorder shadow="sm" p="xs" maw={280}>
      <Text size="xs" fw={600} mb={4}>
        {clockTime(minute.start)}
      </Text>
      {series.toReversed().map(({ id, label, color }) => (
        <div key={id} className={chartKey['tip']}>
          <span className={chartKey['swatch']} style={{ background: color }} />
          <span className="name">{label}</span>
          <strong>{count(minute.counts[id] ?? 0)}</strong>
        </div>
      ))}
    </Paper>
  )
}

const keyOf = (id: string) => `secret-${id}`

function keyed(counts: Minute['counts']): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).map(([id, value]) => [keyOf(id), value]))
}
