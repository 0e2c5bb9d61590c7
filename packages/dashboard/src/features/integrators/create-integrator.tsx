import type { CreatedIntegrator } from '@cutover/contract'
import { Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useIdempotencyKeys } from '../../app/idempotency.ts'
import { useOpenSession } from '../../app/session-store.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { nameFault } from '../../ui/name-fault.ts'
import { RevealIntegratorSecret } from './reveal-integrator-secret.tsx'

export function CreateIntegrator({ onClose }: { readonly onClose: () => void }) {
  const [created, setCreated] = useState<CreatedIntegrator | null>(null)
  const { client } = useOpenSession()
  const queries = useQueryClient()
  const keyOf = useIdempotencyKeys()
  const form = useForm({ initialValues: { name: '' }, validate: { name: nameFault } })
  const creating = useMutation({
    mutationFn: (body: { name: string }) => client.integrators.create(body, { idempotencyKey: keyOf(body) }),
    onSuccess: setCreated,
    onSettled: () => queries.invalidateQueries({ queryKey: ['integrators'] }),
  })
  if (created !== null) {
    return (
      <RevealIntegratorSecret
        name={created.name}
        integratorKey={created.key}
        secret={created.secret}
        onClose={onClose}
      />
    )
  }
  return (
    <Dialog
      title="New integrator"
      action="Create"
      onClose={onClose}
      onSubmit={() => !form.validate().hasErrors && creating.mutate(form.values)}
      isBusy={creating.isPending}
      error={creating.error}
      failure="The integrator was not made"
    >
      <TextInput
        label="Name"
        placeholder="Acme payouts"
        data-autofocus
        autoComplete="off"
        {...form.getInputProps('name')}
      />
      <Text size="sm" c="dimmed">
        You get its key and its first secret, once. From then on it replaces its secret itself.
      </Text>
    </Dialog>
  )
}
