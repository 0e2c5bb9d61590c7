import type { Platform } from '@cutover/contract'
import { Button, Input, SegmentedControl, SimpleGrid, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation } from '@tanstack/react-query'
import { useOpenSession } from '../../app/session-store.ts'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { MissingScope, useAllows } from '../../ui/missing-scope.tsx'
import { Page } from '../../ui/page.tsx'
import { Panel } from '../../ui/panel.tsx'
import { platforms, platformWords } from '../../ui/platforms.tsx'
import { Answer } from './answer.tsx'
import { ask, type Question } from './question.ts'

const blank: Question = { platform: 'web', userId: '', email: '', proof: 'userHash', value: '' }

export function TryIt() {
  const allows = useAllows()
  return (
    <Page
      title="Try it"
      lead="Paste what your app sends. It says whether that verifies, and where not, what is wrong with it and what to change."
    >
      {allows('diagnose') || allows('verify') ? (
        <Bench mayDiagnose={allows('diagnose')} />
      ) : (
        <MissingScope scope="diagnose" to="explain verifications" />
      )}
    </Page>
  )
}

function Bench({ mayDiagnose }: { readonly mayDiagnose: boolean }) {
  const { client } = useOpenSession()
  const form = useForm({ initialValues: blank, validate: { value: valueFault, userId: userFault } })
  const asking = useMutation({ mutationFn: (question: Question) => ask(client, question, mayDiagnose) })
  const isHash = form.values.proof === 'userHash'
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }}>
      <Panel title="What was sent">
        <form onSubmit={form.onSubmit((question) => asking.mutate(question))} noValidate>
          <Stack gap="md">
            <Choice
              label="Platform"
              data={platforms.map((value) => ({ value, label: platformWords[value] }))}
              value={form.values.platform}
              onChange={(value) => form.setFieldValue('platform', value as Platform)} // sound: one of `platforms`
            />
            <TextInput label="User id" placeholder="user_1" autoComplete="off" {...form.getInputProps('userId')} />
            {isHash && (
              <TextInput
                label="Email"
                description="Only where the email is signed because there is no user id"
                autoComplete="off"
                {...form.getInputProps('email')}
              />
            )}
            <Choice
              label="Signed as"
              data={[
                { value: 'userHash', label: 'User hash' },
                { value: 'jwt', label: 'JWT' },
              ]}
              value={form.values.proof}
              onChange={(value) => form.setFieldValue('proof', value as Question['proof'])} // sound: one of the two above
            />
            <Textarea
              label={isHash ? 'User hash' : 'JWT'}
              description={isHash ? 'As it was sent, in whatever form' : 'Whole, with its two dots'}
              classNames={{ input: 'mono' }}
              autosize
              minRows={3}
              maxRows={10}
              spellCheck={false}
              {...form.getInputProps('value')}
            />
            <Button type="submit" loading={asking.isPending}>
              {mayDiagnose ? 'Diagnose' : 'Verify'}
            </Button>
            <Text size="xs" c="dimmed">
              {mayDiagnose
                ? 'It is never counted as a verification. The audit log records that you asked, without what was signed.'
                : 'This token lacks the scope diagnose: it is a real verification, counted as a use from “dashboard”, and says less about what is wrong.'}
            </Text>
          </Stack>
        </form>
      </Panel>
      <Panel title="Answer">
        <div aria-live="polite">
          {asking.isError ? (
            <ErrorNotice what="There is no answer" error={asking.error} />
          ) : (
            <Answer answer={asking.isPending ? undefined : asking.data} />
          )}
        </div>
      </Panel>
    </SimpleGrid>
  )
}

interface ChoiceProps {
  readonly label: string
  readonly data: { readonly value: string; readonly label: string }[]
  readonly value: string
  readonly onChange: (value: string) => void
}

function Choice({ label, data, value, onChange }: ChoiceProps) {
  return (
    <Input.Wrapper label={label} labelElement="div">
      <SegmentedControl fullWidth aria-label={label} data={data} value={value} onChange={onChange} mt={4} />
    </Input.Wrapper>
  )
}

const valueFault = (value: string) => (value.trim() === '' ? 'Paste what was sent' : null)

function userFault(userId: string, { proof, email }: Question): string | null {
  return proof === 'userHash' && userId === '' && email === '' ? 'A hash is of a user id, or of an email' : null
}
