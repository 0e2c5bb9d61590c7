import type { Cutover } from '@cutover/contract'
import { RingProgress, Text } from '@mantine/core'
import { useNow } from '../../ui/clock.ts'
import { duration } from '../../ui/durations.ts'
import type { Live } from './use-cutover-stream.ts'

const colors = { safe: 'var(--good)', in_use: 'var(--old)', unknown: 'var(--old)' } as const satisfies Record<
  Cutover['verdict'],
  string
>

/** How long nobody has used it, toward how long it must be. It counts on between two events, and stands still without them. */
export function QuietRing({ live }: { readonly live: Live }) {
  const quietSeconds = useQuietSeconds(live)
  const { event } = live
  if (event === null) return <RingProgress size={148} thickness={9} sections={[]} rootColor="var(--line)" />
  const { verdict, quietSecondsRequired } = event
  const reached = Math.min(100, (quietSeconds / quietSecondsRequired) * 100)
  return (
    <RingProgress
      size={148}
      thickness={9}
      roundCaps
      rootColor="var(--line)"
      sections={[{ value: reached, color: colors[verdict] }]}
      role="img"
      aria-label={`Quiet for ${duration(quietSeconds)} of ${duration(quietSecondsRequired)}`}
      label={
        <div>
          <Text ta="center" fw={600} fz="lg" lh={1.2}>
            {duration(quietSeconds)}
          </Text>
          <Text ta="center" fz="xs" c="dimmed" lh={1.3}>
            quiet, of {duration(quietSecondsRequired)}
          </Text>
        </div>
      }
    />
  )
}

function useQuietSeconds({ event, receivedAtMs, connection }: Live): number {
  const nowMs = useNow(1000)
  if (event === null) return 0
  const sinceMs = connection === 'live' ? Math.max(0, nowMs - receivedAtMs) : 0
  return event.quietForSeconds + Math.floor(sinceMs / 1000)
}
