import { Button, Center, Menu, NavLink, Paper, Stack, Text, Title } from '@mantine/core'
import { IconSelector } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { ErrorNotice } from '../ui/error-notice.tsx'
import { Id } from '../ui/fingerprint.tsx'
import { MissingScope } from '../ui/missing-scope.tsx'
import { queryClient } from './query-client.ts'
import { allows } from './scopes.ts'
import { openSession, useOpenSession } from './session-store.ts'

/** Instance tokens act in the workspace that they name; it is remembered for as long as the page is open. */
function useWorkspaces() {
  const { client, holder } = useOpenSession()
  return useQuery({
    queryKey: ['workspaces'],
    queryFn: () => Array.fromAsync(client.workspaces.all()),
    enabled: allows(holder.scopes, 'manage_workspaces'),
    staleTime: 60_000,
  })
}

function useEnter() {
  const { holder } = useOpenSession()
  return (workspaceId: string) => {
    queryClient.clear()
    openSession(holder, workspaceId)
  }
}

export function ChooseWorkspace() {
  const { holder } = useOpenSession()
  const workspaces = useWorkspaces()
  const enter = useEnter()
  return (
    <Center component="main" mih="100dvh" p="md">
      <Stack w={420} maw="100%">
        <Title order={1}>Which workspace?</Title>
        <Text size="sm" c="dimmed">
          {holder.tokenName} is an instance token: it acts in the workspace that it names.
        </Text>
        {!allows(holder.scopes, 'manage_workspaces') && <MissingScope scope="manage_workspaces" to="list workspaces" />}
        {workspaces.isError && <ErrorNotice what="The workspaces cannot be listed" error={workspaces.error} />}
        <Paper withBorder>
          {workspaces.data?.map(({ id, name }) => (
            <NavLink
              key={id}
              component="button"
              label={name}
              description={<Id value={id} />}
              onClick={() => enter(id)}
            />
          ))}
        </Paper>
      </Stack>
    </Center>
  )
}

/** Which workspace one looks at; a menu where there are others. */
export function WorkspaceSwitch() {
  const { workspaceId } = useOpenSession()
  const { data: workspaces = [] } = useWorkspaces()
  const enter = useEnter()
  const name = workspaces.find(({ id }) => id === workspaceId)?.name
  if (workspaces.length < 2)
    return name === undefined ? null : (
      <Text size="sm" className="name">
        {name}
      </Text>
    )
  return (
    <Menu position="top-start" width={240}>
      <Menu.Target>
        <Button variant="default" size="xs" fullWidth justify="space-between" rightSection={<IconSelector size={14} />}>
          {name ?? workspaceId}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Workspace</Menu.Label>
        {workspaces.map((each) => (
          <Menu.Item key={each.id} onClick={() => enter(each.id)} className="name">
            {each.name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
