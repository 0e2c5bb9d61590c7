import { ApiError, NetworkError, TimeoutError } from '@cutover/client'
import { Alert, Button, Group, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { CopyIcon } from './copy.tsx'

interface ErrorNoticeProps {
  readonly error: unknown
  /** What was not possible: `The secret was not made`. */
  readonly what: string
  readonly onRetry?: () => void
}

/** What went wrong, in words, with the id under which the server logged it. */
export function ErrorNotice({ error, what, onRetry }: ErrorNoticeProps) {
  return (
    <Alert color="red" variant="outline" icon={<IconAlertTriangle />} title={what} role="alert" bg="var(--panel)">
      <Text size="sm">{reasonOf(error)}</Text>
      <Faults error={error} />
      <Group gap="md" mt={6}>
        <RequestId error={error} />
        {onRetry && (
          <Button variant="default" size="compact-sm" onClick={onRetry}>
            Try again
          </Button>
        )}
      </Group>
    </Alert>
  )
}

function Faults({ error }: { readonly error: unknown }) {
  if (!(error instanceof ApiError) || error.errors.length < 2) return null
  return (
    <ul>
      {error.errors.map(({ field, message }) => (
        <li key={field}>{message}</li>
      ))}
    </ul>
  )
}

function RequestId({ error }: { readonly error: unknown }) {
  if (!(error instanceof ApiError) || error.requestId === undefined) return null
  return (
    <Text size="xs" c="dimmed" component="div">
      Request id <code>{error.requestId}</code> <CopyIcon text={error.requestId} what="the request id" />
    </Text>
  )
}

export function reasonOf(error: unknown): string {
  if (error instanceof ApiError) return refusalOf(error)
  if (error instanceof NetworkError) return 'The server cannot be reached. What was asked for may have happened.'
  if (error instanceof TimeoutError) return 'The server did not answer in time. What was asked for may have happened.'
  return error instanceof Error ? error.message : String(error)
}

function refusalOf({ status, message, retryAfterSeconds }: ApiError): string {
  if (status === 429 && retryAfterSeconds !== undefined)
    return `Too many requests: wait ${retryAfterSeconds} s, then try again.`
  return message.endsWith('.') ? message : `${message}.`
}
