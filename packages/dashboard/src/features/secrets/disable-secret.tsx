import { Radio, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { Dialog } from '../../ui/dialog.tsx'
import { DurationField } from '../../ui/duration-field.tsx'
import type { SecretDialogProps } from './secret-actions.tsx'
import { useSecretChange } from './secret-queries.ts'

const least = 60
const most = 86_400

/** To see what would break, for a while. */
export function DisableSecret({ secret, onClose }: SecretDialogProps) {
  const [comesBack, setComesBack] = useState(true)
  const [seconds, setSeconds] = useState(300)
  const change = useSecretChange({
    call: (client) => client.identitySecrets.disable(secret.id, comesBack ? { revertAfterSeconds: seconds } : {}),
    done: `“${secret.name}” is disabled${comesBack ? ' and comes back by itself' : ''}`,
    onDone: onClose,
  })
  return (
    <Dialog
      title="Disable, and see what breaks"
      action="Disable"
      onClose={onClose}
      onSubmit={() => change.mutate()}
      isBusy={change.isPending}
      error={change.error}
      failure="It was not disabled"
      isReady={!comesBack || (seconds >= least && seconds <= most)}
    >
      <Text size="sm">
        Once this is answered, nobody is verified with <strong className="name">{secret.name}</strong>.
      </Text>
      <Radio.Group
        label="Until when"
        value={comesBack ? 'timed' : 'open'}
        onChange={(value) => setComesBack(value === 'timed')}
      >
        <Stack gap="xs" mt={6}>
          <Radio value="timed" label="It comes back by itself, whatever happens until then" data-autofocus />
          <Radio value="open" label="Until somebody enables it" />
        </Stack>
      </Radio.Group>
      {comesBack && (
        <DurationField label="Comes back after" seconds={seconds} onChange={setSeconds} min={least} max={most} />
      )}
    </Dialog>
  )
}
