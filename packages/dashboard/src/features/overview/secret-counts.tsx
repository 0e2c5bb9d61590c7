import type { IdentitySecret } from '@cutover/contract'
import { SimpleGrid } from '@mantine/core'
import { Link } from 'react-router'
import { StateBadge } from '../../ui/state-badge.tsx'
import { plural } from '../../ui/words.ts'
import classes from './overview.module.css'

const states = ['active', 'retiring', 'disabled'] as const

interface SecretCountsProps {
  readonly secrets: readonly IdentitySecret[]
}

/** Of the live ones; the dead are in the list of secrets. */
export function SecretCounts({ secrets }: SecretCountsProps) {
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="xl">
      <SecretsByState secrets={secrets} />
      <SecretsByAge secrets={secrets} />
    </SimpleGrid>
  )
}

function SecretsByState({ secrets }: SecretCountsProps) {
  return (
    <ul className={classes['counts']}>
      {states.map((state) => (
        <li key={state}>
          <Link to={`/secrets?show=${state}`} className={classes['count']}>
            <strong>{secrets.filter((secret) => secret.state === state).length}</strong>
            <StateBadge state={state} />
          </Link>
        </li>
      ))}
    </ul>
  )
}

const ages = [
  { label: 'up to 30 d', below: 31 },
  { label: '31 to 90 d', below: 91 },
  { label: '91 to 180 d', below: 181 },
  { label: '181 to 365 d', below: 366 },
  { label: 'over a year', below: Number.POSITIVE_INFINITY },
]

function SecretsByAge({ secrets }: SecretCountsProps) {
  const counts = ages.map(({ label, below }, index) => {
    const from = ages[index - 1]?.below ?? 0
    return { label, count: secrets.filter(({ ageDays }) => ageDays >= from && ageDays < below).length }
  })
  const most = Math.max(1, ...counts.map(({ count }) => count))
  return (
    <ul className={classes['ages']}>
      {counts.map(({ label, count }) => (
        <li key={label}>
          <span>{label}</span>
          <span className={classes['ageBar']} aria-hidden="true">
            <span style={{ width: `${(count / most) * 100}%` }} />
          </span>
          <span title={plural(count, 'secret')}>{count}</span>
        </li>
      ))}
    </ul>
  )
}
