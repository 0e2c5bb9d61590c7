import type { IdentitySecret } from '@cutover/contract'
import { Skeleton } from '@mantine/core'
import { share } from '../../ui/words.ts'
import { useVerdict, wasUsedToday } from './secret-queries.ts'
import classes from './share-of-day.module.css'

/** Asked only of what is on the screen, and was used in that time at all. */
export function ShareOfDay({ secret }: { readonly secret: IdentitySecret }) {
  const isUsed = wasUsedToday(secret)
  const { data, isError } = useVerdict(secret.id, { enabled: isUsed, staleTime: 60_000 })
  if (!isUsed) return <span className={classes['none']}>–</span>
  if (isError) return <span className={classes['none']}>unknown</span>
  if (data === undefined) return <Skeleton height={14} width={64} ml="auto" />
  const { shareOfLastDay } = data
  return (
    <span className={classes['share']} title="Of all that was verified on its platforms in the last 24 hours">
      <span className={classes['bar']} aria-hidden="true">
        <span className={classes['fill']} style={{ width: `${(shareOfLastDay ?? 0) * 100}%` }} />
      </span>
      <span className={classes['number']}>{share(shareOfLastDay)}</span>
    </span>
  )
}
