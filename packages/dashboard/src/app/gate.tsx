import { Center, Loader, Stack } from '@mantine/core'
import { useCallback, useEffect, useState } from 'react'
import { RouterProvider } from 'react-router'
import { SignIn } from '../features/sign-in/sign-in.tsx'
import { ErrorNotice } from '../ui/error-notice.tsx'
import { router } from './routes.tsx'
import { useSession } from './session-store.ts'
import { resumeSession } from './sessions.ts'
import { ChooseWorkspace } from './workspace-choice.tsx'

/** Nothing of the page is shown without a session; the address stays, and is shown after the sign-in. */
export function Gate() {
  const session = useSession()
  if (session.kind === 'unknown') return <Resuming />
  if (session.kind === 'closed') return <SignIn why={session.why} />
  if (session.workspaceId === null) return <ChooseWorkspace />
  return <RouterProvider key={session.workspaceId} router={router} />
}

function Resuming() {
  const [failure, setFailure] = useState<unknown>(null)
  const resume = useCallback(() => {
    setFailure(null)
    resumeSession().catch(setFailure)
  }, [])
  useEffect(resume, [resume])
  return (
    <Center component="main" mih="100dvh" p="md">
      {failure === null ? (
        <Loader aria-label="Loading" size="sm" />
      ) : (
        <Stack maw={440}>
          <ErrorNotice what="The page cannot tell who you are" error={failure} onRetry={resume} />
        </Stack>
      )}
    </Center>
  )
}
