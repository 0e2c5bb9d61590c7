import type { IdentitySecret, LiveCutover } from '@cutover/contract'
import { Anchor } from '@mantine/core'
import { IconArrowNarrowRight } from '@tabler/icons-react'
import { Link } from 'react-router'
import { Fingerprint } from '../../ui/fingerprint.tsx'
import { Moment } from '../../ui/moment.tsx'
import { StateBadge } from '../../ui/state-badge.tsx'
import { count, share } from '../../ui/words.ts'
import classes from './live.module.css'
import type { StreamedSecret } from './minute.ts'
import { movedTraffic } from './moved-traffic.ts'

const windowMinutes = 5

interface PassageProps {
  readonly secret: IdentitySecret
  readonly successor: StreamedSecret
  readonly event: LiveCutover
}

/** From the old one to the new one: who they are, and how much has gone over. */
export function Passage({ secret, successor, event }: PassageProps) {
  return (
    <>
      <div className={classes['passage']}>
        <End secret={{ ...secret, state: event.state }} color="var(--old)">
          {event.state === 'retiring' && secret.expiresAt !== null && (
            <span>
              ends <Moment iso={secret.expiresAt} />
            </span>
          )}
        </End>
        <span className={classes['arrow']}>
          <IconArrowNarrowRight size={28} stroke={1.5} role="img" aria-label="is replaced by" />
        </span>
        <End secret={successor} color="var(--new)" isLink />
      </div>
      <MovedBar event={event} oldId={secret.id} newId={successor.id} />
    </>
  )
}

interface EndProps {
  readonly secret: StreamedSecret
  readonly color: string
  readonly isLink?: boolean
  readonly children?: React.ReactNode
}

function End({ secret: { id, name, state, fingerprint }, color, isLink = false, children }: EndProps) {
  return (
    <div className={classes['end']}>
      <span className={classes['dot']} style={{ background: color }} aria-hidden="true" />
      <span className={classes['who']} title={name}>
        {isLink ? (
          <Anchor component={Link} to={`/secrets/${id}`} inherit>
            {name}
          </Anchor>
        ) : (
          name
        )}
      </span>
      <span className={classes['more']}>
        <StateBadge state={state} />
        <Fingerprint value={fingerprint} />
        {children}
      </span>
    </div>
  )
}

interface MovedBarProps {
  readonly event: LiveCutover
  readonly oldId: string
  readonly newId: string
}

function MovedBar({ event, oldId, newId }: MovedBarProps) {
  const recent = movedTraffic(event.minutes.slice(-windowMinutes), oldId, newId)
  const isRecent = recent.share !== null
  const { old, fresh, share: moved } = isRecent ? recent : movedTraffic(event.minutes, oldId, newId)
  const when = isRecent ? `in the last ${windowMinutes} minutes` : 'in the last hour'
  if (moved === null) return <p className="consequence">Nothing was verified in the last hour, with neither of them.</p>
  return (
    <>
      <div className={classes['track']} role="img" aria-label={`${share(moved)} of the traffic is on the new secret`}>
        <span style={{ flexGrow: fresh, background: 'var(--new)' }} />
        <span style={{ flexGrow: old, background: 'var(--old)' }} />
      </div>
      <div className={classes['scale']}>
        <div>
          <strong>{share(moved)}</strong> moved
          <div>
            {count(fresh)} on the new {when}
          </div>
        </div>
        <div>
          <strong>{share(1 - moved)}</strong> left
          <div>{count(old)} on the old</div>
        </div>
      </div>
    </>
  )
}
