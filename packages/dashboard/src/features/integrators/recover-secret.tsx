import type { Integrator, RegeneratedSecret } from '@cutover/contract'
import { Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useIdempotencyKeys } from '../../app/idempotency.ts'
import { useOpenSession } from '../../app/session-store.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { DurationField } from '../../ui/duration-field.tsx'
import { RevealIntegratorSecret } from './reveal-integrator-secret.tsx'

const most = 3600

interface RecoverSecretProps {
  readonly integrator: Integrator
  readonly onClose: () => void
}

/** For one that lost its own. */
export function RecoverSecret({ integrator, onClose }: RecoverSecretProps) {
  const [graceSeconds, setGraceSeconds] = useState(0)
  const [made, setMade] = useState<RegeneratedSecret | null>(null)
  const { client } = useOpenSession()
  const queries = useQueryClient()
  const keyOf = useIdempotencyKeys()
  const recovering = useMutation({
    mutationFn: () => {
      const body = { oldSecretValidForSeconds: graceSeconds }
      return client.integrators.recoverSecret(integrator.key, body, { idempotencyKey: keyOf(body) })
    },
    onSuccess: setMade,
    onSettled: () => queries.invalidateQueries({ queryKey: ['integrators'] }),
  })
  if (made !== null) {
    return (
      <RevealIntegratorSecret
        name={integrator.name}
        integratorKey={integrator.key}
        secret={made.secret}
        onClose={onClose}
      />
    )
  }
  return (
    <Dialog
      title="A new secret for it"
      action="Recover"
      onClose={onClose}
      onSubmit={() => recovering.mutate()}
      isBusy={recovering.isPending}
      error={recovering.error}
      failure="No secret was made"
      isReady={graceSeconds >= 0 && graceSeconds <= most}
    >
      <Text size="sm">
        For <strong className="name">{integrator.name}</strong>, where it lost its own. After a leak leave the old one
        no time: all its older secrets are then refused at once.
      </Text>
      <DurationField
        label="The current one is accepted for"
        seconds={graceSeconds}
        onChange={setGraceSeconds}
        min={0}
        max={most}
      />
    </Dialog>
  )
}
