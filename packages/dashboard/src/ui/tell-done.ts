import { notifications } from '@mantine/notifications'

export function tellDone(message: string): void {
  notifications.show({ message, autoClose: 5000, withBorder: true, closeButtonProps: { 'aria-label': 'Dismiss' } })
}
