import { ApiError } from '@cutover/client'
import type { Integrator } from '@cutover/contract'
import { Skeleton, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { useOpenSession } from '../../app/session-store.ts'
import { ConfirmByName } from '../../ui/confirm-by-name.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { duration } from '../../ui/durations.ts'
import { tellDone } from '../../ui/tell-done.ts'
import { VerdictLine } from '../rotation/verdict-line.tsx'
import { useIntegratorVerdict } from './integrator-queries.ts'

interface DeleteIntegratorProps {
  readonly integrator: Integrator
  readonly onClose: () => void
}

/** All its secrets go, the current one too: whoever still signs is refused. The verdict is about the older ones. */
export function DeleteIntegrator({ integrator, onClose }: DeleteIntegratorProps) {
  const verdict = useIntegratorVerdict(integrator.id)
  const [typed, setTyped] = useState('')
  const { client } = useOpenSession()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const deleting = useMutation({
    mutationFn: () => client.integrators.delete(integrator.id),
    onSuccess: () => {
      tellDone(`“${integrator.name}” is deleted`)
      onClose()
      void navigate('/integrators')
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['integrators', 'list'] }),
  })
  return (
    <Dialog
      title={`Delete ${integrator.name}`}
      action="Delete all the same"
      isDangerous
      onClose={onClose}
      onSubmit={() => deleting.mutate()}
      isBusy={deleting.isPending}
      error={deleting.error}
      failure={deleting.error instanceof ApiError ? 'It was not deleted' : 'Whether it was deleted is not known'}
      isReady={typed === integrator.name}
    >
      <Text size="sm">
        Once this is answered, no request that is signed with any of its secrets is accepted. It does not come back.
      </Text>
      {verdict.data ? (
        <>
          <VerdictLine verdict={verdict.data} />
          <Text size="sm" c="dimmed">
            The verdict is about its older secrets. Quiet for {duration(verdict.data.quietForSeconds)}.
          </Text>
        </>
      ) : (
        <Skeleton height={48} />
      )}
      <ConfirmByName name={integrator.name} value={typed} onChange={setTyped} />
    </Dialog>
  )
}
