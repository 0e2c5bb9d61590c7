import { Skeleton, Text } from '@mantine/core'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { reasonWords } from '../../ui/reason-words.ts'
import { count, share } from '../../ui/words.ts'
import { failuresOf, useOutcomes } from './outcomes.ts'
import classes from './overview.module.css'

/** Of all that was asked in 24 hours, the share that each reason has. */
export function FailureReasons() {
  const { data: counts, error } = useOutcomes()
  if (error !== null && counts === undefined) return <ErrorNotice what="The outcomes cannot be read" error={error} />
  if (counts === undefined) return <Skeleton height={120} m={16} />
  const failures = failuresOf(counts)
  if (failures.length === 0) {
    return (
      <Text size="sm" c="dimmed" px={16} pb={16}>
        {counts.length === 0 ? 'Nothing was asked in the last 24 hours.' : 'Everything verified in the last 24 hours.'}
      </Text>
    )
  }
  const most = failures[0]?.count ?? 1
  return (
    <ul className={classes['reasons']}>
      {failures.map((each) => (
        <li key={each.reason}>
          <div>
            <code>{each.reason}</code>
            <Text size="xs" c="dimmed">
              {reasonWords[each.reason]}
            </Text>
          </div>
          <span className={classes['ageBar']} aria-hidden="true">
            <span style={{ width: `${(each.count / most) * 100}%`, background: 'var(--bad)' }} />
          </span>
          <div className={classes['figures']}>
            <strong>{share(each.share)}</strong>
            <Text size="xs" c="dimmed">
              {count(each.count)}
            </Text>
          </div>
        </li>
      ))}
    </ul>
  )
}
