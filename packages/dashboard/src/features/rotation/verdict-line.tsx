import type { Cutover } from '@cutover/contract'
import { Group, Text } from '@mantine/core'
import { StateBadge } from '../../ui/state-badge.tsx'

export const verdictWords = {
  safe: 'safe to delete',
  in_use: 'in use',
  unknown: 'not known yet',
} as const satisfies Record<Cutover['verdict'], string>

/** The verdict and its reason, in the server's words. */
export function VerdictLine({ verdict: { verdict, why } }: { readonly verdict: Pick<Cutover, 'verdict' | 'why'> }) {
  return (
    <Group gap="xs" wrap="nowrap" align="flex-start">
      <StateBadge state={verdict} label={verdictWords[verdict]} />
      <Text size="sm" className="name">
        {why}
      </Text>
    </Group>
  )
}
