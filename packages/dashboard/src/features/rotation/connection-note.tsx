import { exactClockTime } from '../../ui/durations.ts'
import classes from './live.module.css'
import type { Live } from './use-cutover-stream.ts'

/** Said only when it changes: a screen reader hears that the view stands still, not each event. */
export function ConnectionNote({ live: { connection, event } }: { readonly live: Live }) {
  return (
    <span className={classes['connection']} data-connection={connection} role="status">
      <span className={classes['pulse']} aria-hidden="true" />
      {connection === 'live' && 'Live'}
      {connection === 'connecting' && 'Connecting…'}
      {connection === 'away' &&
        `Connection lost, trying again${event === null ? '' : `: as of ${exactClockTime(event.at)}`}`}
    </span>
  )
}
