import type { VerificationReason, VerificationResult } from '@cutover/contract'
import { Group, Stack, Text } from '@mantine/core'
import { IconFlask } from '@tabler/icons-react'
import { Facts } from '../../ui/facts.tsx'
import { Id } from '../../ui/fingerprint.tsx'
import { NothingYet } from '../../ui/nothing-yet.tsx'
import { reasonWords } from '../../ui/reason-words.ts'
import { StateBadge } from '../../ui/state-badge.tsx'
import type { Answered } from './question.ts'

export function Answer({ answer }: { readonly answer: Answered | undefined }) {
  if (answer === undefined) {
    return (
      <NothingYet icon={<IconFlask />} title="No question yet">
        Paste a user id and its hash, or a JWT, and ask.
      </NothingYet>
    )
  }
  if (answer.kind === 'result') return <Result result={answer.result} />
  const { verified, finding, hint } = answer.diagnosis
  return (
    <Stack gap="sm">
      <Verdict isVerified={verified} code={finding} />
      <Text size="sm">{hint}</Text>
    </Stack>
  )
}

function Result({ result }: { readonly result: VerificationResult }) {
  const { verified, reason, decision, method, secretId, userId } = result
  return (
    <Stack gap="sm">
      <Verdict isVerified={verified} code={reason ?? 'verified'} />
      {reason !== null && <Text size="sm">{reasonWords[reason satisfies VerificationReason]}</Text>}
      <Facts
        facts={[
          ['Decision', decision],
          ['Compared', method ?? 'nothing'],
          ['User id', userId ?? '–'],
          ['Secret', secretId === null ? '–' : <Id key="secret" value={secretId} />],
        ]}
      />
    </Stack>
  )
}

function Verdict({ isVerified, code }: { readonly isVerified: boolean; readonly code: string }) {
  return (
    <Group gap="xs">
      <StateBadge state={isVerified ? 'verified' : 'not_verified'} />
      {!isVerified && <code>{code}</code>}
    </Group>
  )
}
