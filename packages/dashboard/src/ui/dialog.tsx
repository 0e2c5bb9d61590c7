import { Button, Group, Modal, Stack } from '@mantine/core'
import type { ReactNode } from 'react'
import { ErrorNotice } from './error-notice.tsx'

interface DialogProps {
  readonly title: string
  readonly onClose: () => void
  readonly onSubmit: () => void
  /** What the button does: `Rotate`. */
  readonly action: string
  readonly isDangerous?: boolean
  readonly isReady?: boolean
  readonly isBusy: boolean
  readonly error: unknown
  /** `The secret was not rotated`. */
  readonly failure: string
  readonly size?: number
  readonly children: ReactNode
}

/** A form in a dialog: what goes wrong is said in it, and what was typed stays. */
export function Dialog(props: DialogProps) {
  const {
    title,
    onClose,
    onSubmit,
    action,
    isDangerous = false,
    isReady = true,
    isBusy,
    error,
    failure,
    size = 480,
    children,
  } = props
  return (
    <Modal opened onClose={onClose} title={title} size={size}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          if (isReady && !isBusy) onSubmit()
        }}
      >
        <Stack gap="md">
          {children}
          {error !== null && <ErrorNotice what={failure} error={error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={isBusy} disabled={!isReady} {...(isDangerous ? { color: 'red' } : {})}>
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
