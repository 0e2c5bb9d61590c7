import type { IdentitySecret } from '@cutover/contract'
import { ActionIcon, Button, Menu } from '@mantine/core'
import {
  IconArrowBackUp,
  IconClockPause,
  IconDots,
  IconPencil,
  IconPlayerPlay,
  IconRefresh,
  IconTrash,
} from '@tabler/icons-react'
import { type ComponentType, lazy, type ReactNode, Suspense, useState } from 'react'
import { useAllows } from '../../ui/missing-scope.tsx'
import { usePlainChanges } from './plain-changes.tsx'

export interface SecretDialogProps {
  readonly secret: IdentitySecret
  readonly onClose: () => void
}

const dialogs = {
  edit: lazy(() => import('./edit-secret.tsx').then(({ EditSecret }) => ({ default: EditSecret }))),
  rotate: lazy(() => import('./rotate-secret.tsx').then(({ RotateSecret }) => ({ default: RotateSecret }))),
  disable: lazy(() => import('./disable-secret.tsx').then(({ DisableSecret }) => ({ default: DisableSecret }))),
  retire: lazy(() => import('./retire-secret.tsx').then(({ RetireSecret }) => ({ default: RetireSecret }))),
  delete: lazy(() => import('./delete-secret.tsx').then(({ DeleteSecret }) => ({ default: DeleteSecret }))),
} satisfies Record<string, ComponentType<SecretDialogProps>>

type DialogName = keyof typeof dialogs

export type OpenDialog = (secret: IdentitySecret, name: DialogName) => void

/** One dialog at a time. It lives beside the list: what it shows once must not go when its row does. */
export function useSecretDialogs(): readonly [OpenDialog, ReactNode] {
  const [open, setOpen] = useState<{ readonly secret: IdentitySecret; readonly name: DialogName } | null>(null)
  const show: OpenDialog = (secret, name) => setOpen({ secret, name })
  if (open === null) return [show, null]
  const Chosen = dialogs[open.name]
  const dialog = (
    <Suspense>
      <Chosen secret={open.secret} onClose={() => setOpen(null)} />
    </Suspense>
  )
  return [show, dialog]
}

interface SecretMenuProps {
  readonly secret: IdentitySecret
  readonly onOpen: OpenDialog
  /** A button with a word, or an icon in a row of a table. */
  readonly withLabel?: boolean
}

/** Only what is possible in the state that it is in. */
export function SecretMenu({ secret, onOpen, withLabel = false }: SecretMenuProps) {
  const changes = usePlainChanges(secret)
  if (!useAllows()('write_secure_mode_secret')) return null
  const { state, successorId } = secret
  const isAccepted = state === 'active' || state === 'retiring'
  return (
    <Menu position="bottom-end" width={220} withinPortal>
      <Menu.Target>
        {withLabel ? (
          <Button variant="default" rightSection={<IconDots size={16} />}>
            More
          </Button>
        ) : (
          <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${secret.name}`}>
            <IconDots size={16} />
          </ActionIcon>
        )}
      </Menu.Target>
      <Menu.Dropdown>
        {isAccepted && successorId === null && (
          <Menu.Item leftSection={<IconRefresh size={15} />} onClick={() => onOpen(secret, 'rotate')}>
            Rotate…
          </Menu.Item>
        )}
        {state !== 'deleted' && state !== 'expired' && (
          <Menu.Item leftSection={<IconPencil size={15} />} onClick={() => onOpen(secret, 'edit')}>
            Name and platforms…
          </Menu.Item>
        )}
        {isAccepted && (
          <Menu.Item leftSection={<IconClockPause size={15} />} onClick={() => onOpen(secret, 'disable')}>
            Disable…
          </Menu.Item>
        )}
        {state === 'disabled' && (
          <Menu.Item leftSection={<IconPlayerPlay size={15} />} onClick={changes.enable}>
            Enable
          </Menu.Item>
        )}
        {(isAccepted || state === 'disabled') && (
          <Menu.Item leftSection={<IconClockPause size={15} />} onClick={() => onOpen(secret, 'retire')}>
            {state === 'retiring' ? 'Move its end…' : 'Retire…'}
          </Menu.Item>
        )}
        {state === 'retiring' && (
          <Menu.Item leftSection={<IconArrowBackUp size={15} />} onClick={changes.cancelRetirement}>
            Take back its end
          </Menu.Item>
        )}
        {state === 'deleted' ? (
          <Menu.Item leftSection={<IconArrowBackUp size={15} />} onClick={changes.restore}>
            Restore
          </Menu.Item>
        ) : (
          <Menu.Item leftSection={<IconTrash size={15} />} onClick={() => onOpen(secret, 'delete')} c="var(--bad)">
            Delete…
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}
