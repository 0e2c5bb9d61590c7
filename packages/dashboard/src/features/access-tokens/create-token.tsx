import type { CreateAccessToken, CreatedAccessToken, Environment, Preset, Scope } from '@cutover/contract'
import { MultiSelect, Select, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useIdempotencyKeys } from '../../app/idempotency.ts'
import { allows, allScopes, scopeWords } from '../../app/scopes.ts'
import { useOpenSession } from '../../app/session-store.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { nameFault } from '../../ui/name-fault.ts'
import { RevealToken } from './reveal-token.tsx'

interface Wanted {
  readonly name: string
  readonly preset: Preset | 'own'
  readonly scopes: readonly Scope[]
  readonly environment: Environment | ''
  readonly lifeDays: string
}

const presetWords = {
  'production-verifier': 'Production verifier: verifies users, and nothing else',
  rotator: 'Rotator: reads and rotates identity secrets',
  staging: 'Staging: rehearses a rotation from end to end',
  development: 'Development: reads, changes nothing, verifies nothing',
} as const satisfies Record<Preset, string>

const lives = [
  { value: '1', label: '1 day' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: '1 year' },
  { value: '', label: 'As long as mine' },
]

const blank: Wanted = { name: '', preset: 'production-verifier', scopes: [], environment: '', lifeDays: '90' }

interface CreateTokenProps {
  readonly isInstance: boolean
  readonly onClose: () => void
}

export function CreateToken({ isInstance, onClose }: CreateTokenProps) {
  const [created, setCreated] = useState<CreatedAccessToken | null>(null)
  const creating = useCreate(isInstance, setCreated)
  const form = useForm({ initialValues: blank, validate: { name: nameFault, scopes: scopesFault } })
  const { holder } = useOpenSession()
  if (created !== null) return <RevealToken created={created} onClose={onClose} />
  return (
    <Dialog
      title={isInstance ? 'New token of the instance' : 'New access token'}
      action="Create"
      onClose={onClose}
      onSubmit={() => !form.validate().hasErrors && creating.mutate(form.values)}
      isBusy={creating.isPending}
      error={creating.error}
      failure="The token was not made"
    >
      <TextInput
        label="Name"
        placeholder="billing, production"
        data-autofocus
        autoComplete="off"
        {...form.getInputProps('name')}
      />
      <Select
        label="What it is for"
        data={[
          ...Object.entries(presetWords).map(([value, label]) => ({ value, label })),
          { value: 'own', label: 'Scopes of my own choice' },
        ]}
        allowDeselect={false}
        {...form.getInputProps('preset')}
      />
      {form.values.preset === 'own' && (
        <MultiSelect
          label="Scopes"
          description="None that your own token lacks"
          data={allScopes.filter((scope) => allows(holder.scopes, scope)).map((value) => ({ value, label: value }))}
          renderOption={({ option }) => <ScopeOption scope={option.value as Scope} />} // sound: one of `data`
          {...form.getInputProps('scopes')}
        />
      )}
      <Select
        label="Environment"
        description="A label, for the list"
        placeholder="None"
        data={['development', 'staging', 'production']}
        clearable
        clearButtonProps={{ 'aria-label': 'No environment' }}
        {...form.getInputProps('environment')}
      />
      <Select label="Ends after" data={lives} allowDeselect={false} {...form.getInputProps('lifeDays')} />
    </Dialog>
  )
}

function ScopeOption({ scope }: { readonly scope: Scope }) {
  return (
    <div>
      <code>{scope}</code>
      <Text size="xs" c="dimmed">
        {scopeWords[scope]}
      </Text>
    </div>
  )
}

function useCreate(isInstance: boolean, onCreated: (created: CreatedAccessToken) => void) {
  const { client } = useOpenSession()
  const queries = useQueryClient()
  const keyOf = useIdempotencyKeys()
  return useMutation({
    mutationFn: (wanted: Wanted) => {
      const body = bodyOf(wanted, isInstance)
      return client.accessTokens.create(body, { idempotencyKey: keyOf(body) })
    },
    onSuccess: onCreated,
    onSettled: () => queries.invalidateQueries({ queryKey: ['access-tokens'] }),
  })
}

function bodyOf({ name, preset, scopes, environment, lifeDays }: Wanted, isInstance: boolean): CreateAccessToken {
  return {
    name,
    ...(preset === 'own' ? { scopes: [...scopes] } : { preset }),
    ...(environment ? { environment } : {}),
    ...(lifeDays === '' ? {} : { expiresInSeconds: Number(lifeDays) * 86_400 }),
    ...(isInstance ? { instance: true } : {}),
  }
}

const scopesFault = (scopes: readonly Scope[], { preset }: Wanted) =>
  preset === 'own' && scopes.length === 0 ? 'Choose at least one' : null
