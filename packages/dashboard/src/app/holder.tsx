import { Button, Group, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconLogout } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { reasonOf } from '../ui/error-notice.tsx'
import { Moment } from '../ui/moment.tsx'
import { queryClient } from './query-client.ts'
import { useOpenSession } from './session-store.ts'
import { signOut } from './sessions.ts'
import classes from './shell.module.css'
import { WorkspaceSwitch } from './workspace-choice.tsx'

/** Whose token it is, where, and until when. */
export function Holder() {
  const { holder } = useOpenSession()
  return (
    <div className={classes['holder']}>
      <WorkspaceSwitch />
      <div>
        <Text size="xs" c="dimmed">
          Signed in with
        </Text>
        <Text size="sm" fw={500} className="name" lineClamp={2}>
          {holder.tokenName}
        </Text>
        <Group gap={6}>
          <Text size="xs" c="dimmed">
            {holder.environment ?? 'no environment'}
            {holder.expiresAt !== null && (
              <>
                {' · ends '}
                <Moment iso={holder.expiresAt} />
              </>
            )}
          </Text>
        </Group>
      </div>
      <SignOut />
    </div>
  )
}

function SignOut() {
  const leaving = useMutation({
    mutationFn: signOut,
    onSuccess: () => {
      queryClient.clear()
      location.hash = '#/'
    },
    onError: (error) =>
      notifications.show({ color: 'red', title: 'You are still signed in', message: reasonOf(error) }),
  })
  return (
    <Button
      variant="default"
      size="xs"
      leftSection={<IconLogout size={14} />}
      onClick={() => leaving.mutate()}
      loading={leaving.isPending}
    >
      Sign out
    </Button>
  )
}
