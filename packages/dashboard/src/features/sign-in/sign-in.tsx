import { Alert, Button, Center, PasswordInput, Stack, Text, Title } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation } from '@tanstack/react-query'
import { useEffect } from 'react'
import { Mark } from '../../app/mark.tsx'
import { queryClient } from '../../app/query-client.ts'
import { signIn } from '../../app/sessions.ts'
import classes from './sign-in.module.css'
import { SignInError } from './sign-in-error.tsx'

interface SignInProps {
  readonly why: 'none' | 'ended' | 'signed_out'
}

const shape = /^cut_[0-9A-Za-z]{38}$/

export function SignIn({ why }: SignInProps) {
  const form = useForm({ initialValues: { token: '' }, validate: { token: whatIsWrong } })
  const entering = useMutation({
    mutationFn: ({ token }: { token: string }) => signIn(token.trim()),
    onMutate: () => queryClient.clear(),
    onSettled: () => form.reset(),
  })
  useEffect(() => {
    document.title = 'Sign in · Cutover'
  }, [])
  return (
    <Center component="main" mih="100dvh" p="md">
      <div className={classes['card']}>
        <Stack gap={4} mb="lg">
          <Mark size={36} />
          <Title order={1} mt="sm">
            Sign in to Cutover
          </Title>
          <Text size="sm" c="dimmed">
            With an access token of this installation.
          </Text>
        </Stack>
        <form onSubmit={form.onSubmit((values) => entering.mutate(values))} noValidate>
          <Stack gap="md">
            {why === 'ended' && !entering.isError && (
              <Alert color="gray" variant="outline" role="status" title="Your session has ended">
                It timed out, or its token expired or was revoked. You come back to where you were.
              </Alert>
            )}
            {entering.isError && <SignInError error={entering.error} />}
            <PasswordInput
              label="Access token"
              placeholder="cut_…"
              autoComplete="off"
              spellCheck={false}
              autoFocus
              classNames={{ innerInput: 'mono' }}
              visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the token' }}
              {...form.getInputProps('token')}
            />
            <Button type="submit" fullWidth loading={entering.isPending}>
              Sign in
            </Button>
          </Stack>
        </form>
        <Text size="xs" c="dimmed" mt="lg">
          The first start of the server prints one. It is sent to this server once, and kept by neither the page nor the
          browser. A session ends after 8 hours without use, or with its token.
        </Text>
      </div>
    </Center>
  )
}

/** Whatever is no token at all is not sent anywhere: it may be a password for something else. */
function whatIsWrong(value: string): string | null {
  const token = value.trim()
  if (token === '') return 'Paste an access token'
  if (!token.startsWith('cut_')) return 'Access tokens begin with cut_'
  return shape.test(token) ? null : 'This is not a whole access token: 38 letters and digits follow cut_'
}
