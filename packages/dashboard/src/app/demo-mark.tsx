import { useOpenSession } from './session-store.ts'
import classes from './shell.module.css'

/** On every page: nobody is to take simulated clients for their own. */
export function DemoMark() {
  if (useOpenSession().holder.demo !== true) return null
  return (
    <p className={classes['demo']} role="note">
      <strong>Demo.</strong> The clients are simulated and the past is made up. Nothing here is real.
    </p>
  )
}
