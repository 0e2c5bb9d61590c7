import '@mantine/charts/styles.css'
import { BarChart } from '@mantine/charts'
import { Paper, Text } from '@mantine/core'
import chartKey from '../../ui/chart-key.module.css'
import { clockTime, localTime } from '../../ui/durations.ts'
import { rate } from '../../ui/words.ts'
import { outcomeSeries } from './outcome-series.ts'
import type { HourOfPlatform } from './outcomes.ts'

interface RatesChartProps {
  readonly hours: readonly HourOfPlatform[]
  /** Of all platforms. */
  readonly highest: number
}

export function RatesChart({ hours, highest }: RatesChartProps) {
  const top = roundedUp(highest)
  return (
    <BarChart
      h={148}
      type="stacked"
      data={hours.map((hour) => ({ ...hour }))}
      dataKey="start"
      series={[...outcomeSeries]}
      gridAxis="x"
      tickLine="none"
      strokeDasharray="0"
      gridColor="var(--line)"
      textColor="var(--mantine-color-dimmed)"
      barChartProps={{
        barCategoryGap: 1.5,
        margin: { top: 8, right: 4, bottom: 0, left: 0 },
        accessibilityLayer: false,
      }}
      barProps={{ isAnimationActive: false }}
      xAxisProps={{ tickFormatter: clockTime, interval: 5, tickMargin: 6, height: 24 }}
      yAxisProps={{ width: 40, ticks: [0, top / 2, top], domain: [0, top], tickFormatter: rate }}
      tooltipProps={{
        isAnimationActive: false,
        content: ({ label }) => <HourTip hour={hours.find(({ start }) => start === label)} />,
      }}
    />
  )
}

function HourTip({ hour }: { readonly hour: HourOfPlatform | undefined }) {
  if (hour === undefined) return null
  return (
    <Paper withBorder shadow="sm" p="xs">
      <Text size="xs" fw={600}>
        From {localTime(hour.start)}
      </Text>
      {outcomeSeries.toReversed().map(({ name, color }) => (
        <div key={name} className={chartKey['tip']}>
          <span className={chartKey['swatch']} style={{ background: color }} />
          <span>{name}</span>
          <strong>{rate(hour[name])}</strong>
        </div>
      ))}
    </Paper>
  )
}

const roundTops = [1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10]

/** To the next of them, in tens, hundreds or whatever fits: the half of each is a round number as well. */
function roundedUp(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(value))
  return (roundTops.find((each) => each * unit >= value) ?? 10) * unit
}
