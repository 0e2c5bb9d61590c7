import { Button, Center, Stack } from '@mantine/core'
import { Link, useRouteError } from 'react-router'
import { ErrorNotice } from '../ui/error-notice.tsx'
import { Page } from '../ui/page.tsx'

/** A part of the page that did not load, after an upgrade of the server say, or a mistake of ours. */
export function RouteFailure() {
  const error = useRouteError()
  return (
    <Center component="main" mih="100dvh" p="md">
      <Stack maw={480}>
        <ErrorNotice what="This page did not load" error={error} onRetry={() => location.reload()} />
      </Stack>
    </Center>
  )
}

export function NotFound() {
  return (
    <Page title="No such page" lead="The address names no page of this dashboard.">
      <div>
        <Button component={Link} to="/" variant="default">
          To the overview
        </Button>
      </div>
    </Page>
  )
}
