import { useNow } from './clock.ts'
import { fromNow, localTime } from './durations.ts'

interface MomentProps {
  readonly iso: string | null
  /** In place of a time that there is none of. */
  readonly never?: string
  readonly tickMs?: number
}

/** How long ago, or how long until; the exact time when one points at it. */
export function Moment({ iso, never = '–', tickMs = 10_000 }: MomentProps) {
  const nowMs = useNow(tickMs)
  if (iso === null) return <>{never}</>
  return (
    <time dateTime={iso} title={exactly(iso)}>
      {fromNow(Date.parse(iso), nowMs)}
    </time>
  )
}

/** The date and the time of day, in the viewer's zone. */
export function ExactMoment({ iso, never = '–' }: Omit<MomentProps, 'tickMs'>) {
  if (iso === null) return <>{never}</>
  return (
    <time dateTime={iso} title={exactly(iso)}>
      {localTime(iso)}
    </time>
  )
}

const exactly = (iso: string) => `${localTime(iso)} here, ${new Date(iso).toISOString()} UTC`
