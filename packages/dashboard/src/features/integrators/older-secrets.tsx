import { Skeleton, Stack, Text } from '@mantine/core'
import { duration } from '../../ui/durations.ts'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Fingerprint } from '../../ui/fingerprint.tsx'
import { Moment } from '../../ui/moment.tsx'
import { VerdictLine } from '../rotation/verdict-line.tsx'
import { useIntegratorVerdict } from './integrator-queries.ts'

/** A grace of an integrator is an hour at most: more quiet than a few minutes would never be seen. */
const quietSeconds = 300

export function OlderSecrets({ id }: { readonly id: string }) {
  const { data, error } = useIntegratorVerdict(id, quietSeconds)
  if (error !== null && data === undefined) return <ErrorNotice what="There is no verdict" error={error} />
  if (data === undefined) return <Skeleton height={120} />
  return (
    <Stack gap="sm" aria-live="polite">
      <VerdictLine verdict={data} />
      <Facts
        facts={[
          [
            'Judged',
            data.judged.length === 0
              ? 'none is left'
              : data.judged.map((each) => <Fingerprint key={each} value={each} />),
          ],
          ['Last use', <Moment key="last" iso={data.lastVerifiedAt} never="none was counted" />],
        ]}
      />
      <Text size="xs" c="dimmed">
        Judged by {duration(quietSeconds)} without a use.
      </Text>
    </Stack>
  )
}
