import { Code, Stack, Text } from '@mantine/core'
import { Fingerprint } from './fingerprint.tsx'

/** How whoever stored it sees that it is the same. */
export function FingerprintCheck({
  fingerprint,
  variable,
}: {
  readonly fingerprint: string
  readonly variable: string
}) {
  return (
    <Stack gap={6}>
      <Text size="sm">
        Fingerprint <Fingerprint value={fingerprint} />. Where it is stored now, this has to print the same digits:
      </Text>
      <Code block tabIndex={0}>{`printf %s "$${variable}" | sha256sum | cut -c 1-16`}</Code>
    </Stack>
  )
}
