import type { ApiError } from '@cutover/client'
import type { CreatedIdentitySecret, IdentitySecret, RotateIdentitySecret } from '@cutover/contract'
import { Radio, Stack, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useIdempotencyKeys } from '../../app/idempotency.ts'
import { useOpenSession } from '../../app/session-store.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { DurationField } from '../../ui/duration-field.tsx'
import { nameFault } from '../../ui/name-fault.ts'
import { RevealSecret } from './reveal-secret.tsx'
import type { SecretDialogProps } from './secret-actions.tsx'

const most = 2_592_000

interface Plan {
  readonly name: string
  readonly start: 'now' | 'first_use'
  readonly graceSeconds: number
  readonly noLaterThanSeconds: number
}

export function RotateSecret({ secret, onClose }: SecretDialogProps) {
  const [plan, setPlan] = useState<Plan>({
    name: secret.name,
    start: 'now',
    graceSeconds: 86_400,
    noLaterThanSeconds: 604_800,
  })
  const [created, setCreated] = useState<CreatedIdentitySecret | null>(null)
  const rotating = useRotate(secret, setCreated)
  if (created !== null) return <RevealSecret created={created} onClose={onClose} />
  const change = (fields: Partial<Plan>) => setPlan({ ...plan, ...fields })
  return (
    <Dialog
      title="Rotate"
      action="Rotate"
      onClose={onClose}
      onSubmit={() => rotating.mutate(plan)}
      isBusy={rotating.isPending}
      error={rotating.error}
      failure="It was not rotated"
      isReady={isPossible(plan)}
    >
      <TextInput
        label="Name of the new secret"
        description="The same platforms; both are accepted until the grace ends"
        value={plan.name}
        error={nameFault(plan.name)}
        onChange={(event) => change({ name: event.currentTarget.value })}
        autoComplete="off"
        data-autofocus
      />
      <Radio.Group
        label="The grace begins"
        value={plan.start}
        onChange={(start) => change({ start: start as Plan['start'] })}
      >
        <Stack gap="xs" mt={6}>
          <Radio value="now" label="Now" />
          <Radio value="first_use" label="When the new secret first verifies somebody" />
        </Stack>
      </Radio.Group>
      <DurationField
        label="Old one accepted for"
        seconds={plan.graceSeconds}
        onChange={(graceSeconds) => change({ graceSeconds })}
        min={plan.start === 'now' ? 0 : 60}
        max={most}
      />
      {plan.start === 'first_use' && (
        <DurationField
          label="At the latest it ends after"
          seconds={plan.noLaterThanSeconds}
          onChange={(noLaterThanSeconds) => change({ noLaterThanSeconds })}
          min={60}
          max={most}
        />
      )}
    </Dialog>
  )
}

function useRotate(secret: IdentitySecret, onCreated: (created: CreatedIdentitySecret) => void) {
  const { client } = useOpenSession()
  const queries = useQueryClient()
  const keyOf = useIdempotencyKeys()
  return useMutation<CreatedIdentitySecret, ApiError, Plan>({
    mutationFn: (plan) => {
      const body = bodyOf(plan)
      return client.identitySecrets.rotate(secret.id, body, { idempotencyKey: keyOf(body) })
    },
    onSuccess: onCreated,
    onSettled: () => queries.invalidateQueries({ queryKey: ['secrets'] }),
  })
}

function bodyOf({ name, start, graceSeconds, noLaterThanSeconds }: Plan): RotateIdentitySecret {
  return { name, start, graceSeconds, ...(start === 'first_use' ? { noLaterThanSeconds } : {}) }
}

function isPossible({ name, start, graceSeconds, noLaterThanSeconds }: Plan): boolean {
  if (nameFault(name) !== null || graceSeconds > most) return false
  return start === 'now' || (graceSeconds >= 60 && noLaterThanSeconds >= 60 && noLaterThanSeconds <= most)
}
