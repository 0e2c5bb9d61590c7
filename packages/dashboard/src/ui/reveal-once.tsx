import { Alert, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { IconDownload, IconEyeOff } from '@tabler/icons-react'
import { type ReactNode, useEffect, useState } from 'react'
import { useBlocker } from 'react-router'
import { CopyButton } from './copy.tsx'
import { downloadEnv } from './download.ts'

const warning = {
  root: { borderColor: 'var(--old)' },
  title: { color: 'var(--warn)' },
  icon: { color: 'var(--warn)' },
}

interface RevealOnceProps {
  readonly title: string
  readonly secret: string
  /** Of the variable in the `.env` file. */
  readonly variable: string
  readonly fileName: string
  /** What to compare with: a fingerprint, how to use it. */
  readonly children?: ReactNode
  readonly onClose: () => void
}

/** Shown this once: to leave it, by whichever way, one is asked once. */
export function RevealOnce({ title, secret, variable, fileName, children, onClose }: RevealOnceProps) {
  const [isAsking, setIsAsking] = useState(false)
  const blocker = useBlocker(true)
  useWarningBeforeUnload()
  const isLeaving = isAsking || blocker.state === 'blocked'
  const stay = () => {
    setIsAsking(false)
    blocker.reset?.()
  }
  const leave = () => {
    onClose()
    blocker.proceed?.()
  }
  return (
    <Modal opened onClose={() => setIsAsking(true)} title={title} size={680} closeOnClickOutside={false}>
      <Stack gap="md">
        <Alert variant="outline" icon={<IconEyeOff />} title="Shown this once" bg="var(--panel)" styles={warning}>
          The server shows it to nobody again. Store it now, where your programs read their secrets from.
        </Alert>
        <TextInput
          label="Secret"
          readOnly
          value={secret}
          classNames={{ input: 'mono' }}
          onFocus={(event) => event.currentTarget.select()}
          data-autofocus
        />
        <Group gap="xs">
          <CopyButton text={secret} />
          <Button
            variant="default"
            leftSection={<IconDownload size={16} />}
            onClick={() => downloadEnv(fileName, variable, secret)}
          >
            Download .env
          </Button>
        </Group>
        {children}
        {isLeaving ? <LeaveQuestion onStay={stay} onLeave={leave} /> : <Done onClick={() => setIsAsking(true)} />}
      </Stack>
    </Modal>
  )
}

function Done({ onClick }: { readonly onClick: () => void }) {
  return (
    <Group justify="flex-end">
      <Button onClick={onClick}>Done</Button>
    </Group>
  )
}

function LeaveQuestion({ onStay, onLeave }: { readonly onStay: () => void; readonly onLeave: () => void }) {
  return (
    <Group justify="space-between" role="alert" gap="sm">
      <Text size="sm" fw={500}>
        Have you stored it? It is not shown again.
      </Text>
      <Group gap="xs">
        <Button variant="default" onClick={onStay}>
          Not yet
        </Button>
        <Button onClick={onLeave} autoFocus>
          Yes, close
        </Button>
      </Group>
    </Group>
  )
}

function useWarningBeforeUnload(): void {
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener('beforeunload', warn)
    return () => window.removeEventListener('beforeunload', warn)
  }, [])
}
