import { Checkbox, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useOpenSession } from '../../app/session-store.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Moment } from '../../ui/moment.tsx'
import { tellDone } from '../../ui/tell-done.ts'
import type { TokenDialogProps } from './tokens-table.tsx'

export function RevokeToken({ token, onClose }: TokenDialogProps) {
  const [cascade, setCascade] = useState(false)
  const { client } = useOpenSession()
  const queries = useQueryClient()
  const revoking = useMutation({
    mutationFn: () => client.accessTokens.revoke(token.id, cascade ? { cascade } : {}),
    onSuccess: () => {
      tellDone(`“${token.name}” is revoked`)
      onClose()
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['access-tokens'] }),
  })
  return (
    <Dialog
      title={`Revoke ${token.name}`}
      action="Revoke"
      isDangerous
      onClose={onClose}
      onSubmit={() => revoking.mutate()}
      isBusy={revoking.isPending}
      error={revoking.error}
      failure="It was not revoked"
    >
      <Text size="sm">
        Once this is answered, no request with it is accepted, and sessions that were opened with it end. It was last
        used <Moment iso={token.lastUsedAt} never="never" />.
      </Text>
      <Checkbox
        label="Revoke also what it made, and what those made"
        checked={cascade}
        onChange={(event) => setCascade(event.currentTarget.checked)}
      />
    </Dialog>
  )
}
