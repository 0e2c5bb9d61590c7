import { Group, Text } from '@mantine/core'
import { CopyIcon } from '../../ui/copy.tsx'
import { RevealOnce } from '../../ui/reveal-once.tsx'

interface RevealIntegratorSecretProps {
  readonly name: string
  readonly integratorKey: string
  readonly secret: string
  readonly onClose: () => void
}

export function RevealIntegratorSecret({ name, integratorKey, secret, onClose }: RevealIntegratorSecretProps) {
  return (
    <RevealOnce
      title={name}
      secret={secret}
      variable="INTEGRATOR_SECRET"
      fileName={`${integratorKey}.env`}
      onClose={onClose}
    >
      <Group gap={6}>
        <Text size="sm">
          Its key, which is no secret: <code className="name">{integratorKey}</code>
        </Text>
        <CopyIcon text={integratorKey} what="the key" />
      </Group>
      <Text size="sm" c="dimmed">
        <code>GET /v1/integrator</code>, signed with it, answers 200 where it is in place.
      </Text>
    </RevealOnce>
  )
}
