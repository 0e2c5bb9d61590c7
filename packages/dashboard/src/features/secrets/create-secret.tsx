import type { ApiError } from '@cutover/client'
import type { CreatedIdentitySecret } from '@cutover/contract'
import { Checkbox, PasswordInput, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useIdempotencyKeys } from '../../app/idempotency.ts'
import { useOpenSession } from '../../app/session-store.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { nameFault } from '../../ui/name-fault.ts'
import { chosenOf, PlatformsField } from '../../ui/platforms.tsx'
import { RevealSecret } from './reveal-secret.tsx'

interface Wanted {
  readonly name: string
  readonly platforms: { readonly web: boolean; readonly ios: boolean; readonly android: boolean }
  readonly imports: boolean
  readonly secret: string
}

const blank: Wanted = { name: '', platforms: { web: true, ios: true, android: true }, imports: false, secret: '' }

export function CreateSecret({ onClose }: { readonly onClose: () => void }) {
  const [created, setCreated] = useState<CreatedIdentitySecret | null>(null)
  const creating = useCreate(setCreated)
  const form = useForm({
    initialValues: blank,
    validate: { name: nameFault, platforms: platformsFault, secret: importFault },
  })
  if (created !== null) return <RevealSecret created={created} onClose={onClose} />
  return (
    <Dialog
      title="New identity secret"
      action={form.values.imports ? 'Import' : 'Create'}
      onClose={onClose}
      onSubmit={() => !form.validate().hasErrors && creating.mutate(form.values)}
      isBusy={creating.isPending}
      error={creating.error}
      failure="The secret was not made"
    >
      <TextInput
        label="Name"
        placeholder="Spring 2027"
        data-autofocus
        autoComplete="off"
        {...form.getInputProps('name')}
      />
      <PlatformsField value={form.values.platforms} {...form.getInputProps('platforms')} />
      <Checkbox
        label="Import one that is signed with already"
        {...form.getInputProps('imports', { type: 'checkbox' })}
      />
      {form.values.imports && (
        <PasswordInput
          label="Secret"
          description="16 to 128 characters of printable ASCII, exactly as it is signed with"
          autoComplete="off"
          visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the secret' }}
          {...form.getInputProps('secret')}
        />
      )}
    </Dialog>
  )
}

function useCreate(onCreated: (created: CreatedIdentitySecret) => void) {
  const { client } = useOpenSession()
  const queries = useQueryClient()
  const keyOf = useIdempotencyKeys()
  return useMutation<CreatedIdentitySecret, ApiError, Wanted>({
    mutationFn: ({ name, platforms, imports, secret }) => {
      const body = { name, platforms, ...(imports ? { secret } : {}) }
      return client.identitySecrets.create(body, { idempotencyKey: keyOf(body) })
    },
    onSuccess: onCreated,
    onSettled: () => queries.invalidateQueries({ queryKey: ['secrets'] }),
  })
}

const platformsFault = (platforms: Wanted['platforms']) =>
  chosenOf(platforms).length === 0 ? 'Choose at least one' : null

function importFault(secret: string, { imports }: Wanted): string | null {
  if (!imports) return null
  return /^[\x20-\x7e]{16,128}$/.test(secret) ? null : '16 to 128 characters of printable ASCII'
}
