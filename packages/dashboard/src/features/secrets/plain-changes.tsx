import type { IdentitySecret } from '@cutover/contract'
import { Text } from '@mantine/core'
import { modals } from '@mantine/modals'
import { notifications } from '@mantine/notifications'
import { reasonOf } from '../../ui/error-notice.tsx'
import { useSecretChange } from './secret-queries.ts'

const nothing = () => {}

/** Changes that need no more than a yes. */
export function usePlainChanges({ id, name }: IdentitySecret) {
  const enable = useSecretChange({
    call: (client) => client.identitySecrets.enable(id),
    done: `“${name}” is enabled`,
    onDone: nothing,
  })
  const cancel = useSecretChange({
    call: (client) => client.identitySecrets.cancelRetirement(id),
    done: `“${name}” has no end any more`,
    onDone: nothing,
  })
  const restore = useSecretChange({
    call: (client) => client.identitySecrets.restore(id),
    done: `“${name}” is back, disabled`,
    onDone: nothing,
  })
  return {
    enable: () => confirm(`Enable ${name}?`, 'It is accepted again once this is answered.', 'Enable', enable),
    cancelRetirement: () =>
      confirm(`Take back the end of ${name}?`, 'It stays accepted for as long as you like.', 'Take back', cancel),
    restore: () => confirm(`Restore ${name}?`, 'It comes back disabled: enable it afterwards.', 'Restore', restore),
  }
}

function confirm(title: string, words: string, action: string, change: ReturnType<typeof useSecretChange>): void {
  modals.openConfirmModal({
    title,
    children: <Text size="sm">{words}</Text>,
    labels: { confirm: action, cancel: 'Cancel' },
    onConfirm: () => change.mutate(undefined, { onError: tellFailure }),
  })
}

function tellFailure(error: Error): void {
  notifications.show({ color: 'red', title: 'Nothing was changed', message: reasonOf(error), withBorder: true })
}
