import type { CreatedAccessToken } from '@cutover/contract'
import { Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useIdempotencyKeys } from '../../app/idempotency.ts'
import { useOpenSession } from '../../app/session-store.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { DurationField } from '../../ui/duration-field.tsx'
import { RevealToken } from './reveal-token.tsx'
import type { TokenDialogProps } from './tokens-table.tsx'

const most = 86_400

export function RotateToken({ token, onClose }: TokenDialogProps) {
  const [graceSeconds, setGraceSeconds] = useState(3600)
  const [created, setCreated] = useState<CreatedAccessToken | null>(null)
  const { client } = useOpenSession()
  const queries = useQueryClient()
  const keyOf = useIdempotencyKeys()
  const rotating = useMutation({
    mutationFn: () => {
      const body = { oldTokenValidForSeconds: graceSeconds }
      return client.accessTokens.rotate(token.id, body, { idempotencyKey: keyOf(body) })
    },
    onSuccess: setCreated,
    onSettled: () => queries.invalidateQueries({ queryKey: ['access-tokens'] }),
  })
  if (created !== null) return <RevealToken created={created} onClose={onClose} />
  return (
    <Dialog
      title="Rotate token"
      action="Rotate"
      onClose={onClose}
      onSubmit={() => rotating.mutate()}
      isBusy={rotating.isPending}
      error={rotating.error}
      failure="It was not rotated"
      isReady={graceSeconds >= 0 && graceSeconds <= most}
    >
      <Text size="sm">
        The new token has the name, scopes, environment and end of <strong className="name">{token.name}</strong>.
      </Text>
      <DurationField
        label="The old one is accepted for"
        description="0: not any more once this is answered"
        seconds={graceSeconds}
        onChange={setGraceSeconds}
        min={0}
        max={most}
      />
    </Dialog>
  )
}
