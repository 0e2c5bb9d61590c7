import { Text } from '@mantine/core'
import { useState } from 'react'
import { Dialog } from '../../ui/dialog.tsx'
import { DurationField } from '../../ui/duration-field.tsx'
import type { SecretDialogProps } from './secret-actions.tsx'
import { useSecretChange } from './secret-queries.ts'

const most = 2_592_000

export function RetireSecret({ secret, onClose }: SecretDialogProps) {
  const [afterSeconds, setAfterSeconds] = useState(86_400)
  const change = useSecretChange({
    call: (client) => client.identitySecrets.retire(secret.id, { afterSeconds }),
    done: `“${secret.name}” ${afterSeconds === 0 ? 'has ended' : 'has an end'}`,
    onDone: onClose,
  })
  return (
    <Dialog
      title="Set its end"
      action={afterSeconds === 0 ? 'End it now' : 'Retire'}
      isDangerous={afterSeconds === 0}
      onClose={onClose}
      onSubmit={() => change.mutate()}
      isBusy={change.isPending}
      error={change.error}
      failure="Its end was not set"
      isReady={afterSeconds >= 0 && afterSeconds <= most}
    >
      <Text size="sm">
        <strong className="name">{secret.name}</strong> is accepted until then, and refused from that very moment on.
        You can take its end back until it has come. Rotate it where it has no successor yet.
      </Text>
      <DurationField
        label="Accepted for"
        description="0: not any more once this is answered, which cannot be taken back"
        seconds={afterSeconds}
        onChange={setAfterSeconds}
        min={0}
        max={most}
      />
    </Dialog>
  )
}
