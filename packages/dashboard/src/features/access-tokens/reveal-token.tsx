import type { CreatedAccessToken } from '@cutover/contract'
import { Text } from '@mantine/core'
import { RevealOnce } from '../../ui/reveal-once.tsx'

export function RevealToken({
  created,
  onClose,
}: {
  readonly created: CreatedAccessToken
  readonly onClose: () => void
}) {
  return (
    <RevealOnce
      title={created.name}
      secret={created.token}
      variable="CUTOVER_TOKEN"
      fileName={`cutover-token-${created.id}.env`}
      onClose={onClose}
    >
      <Text size="sm" c="dimmed">
        <code>GET /health</code> with it tells what it is, and that it is in place.
      </Text>
    </RevealOnce>
  )
}
