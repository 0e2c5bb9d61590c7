import type { IdentitySecret } from '@cutover/contract'
import { TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { Dialog } from '../../ui/dialog.tsx'
import { nameFault } from '../../ui/name-fault.ts'
import { chosenOf, PlatformsField } from '../../ui/platforms.tsx'
import type { SecretDialogProps } from './secret-actions.tsx'
import { useSecretChange } from './secret-queries.ts'

export function EditSecret({ secret, onClose }: SecretDialogProps) {
  const form = useForm({
    initialValues: { name: secret.name, platforms: secret.platforms },
    validate: {
      name: nameFault,
      platforms: (platforms) => (chosenOf(platforms).length === 0 ? 'At least one stays' : null),
    },
  })
  const change = useSecretChange({
    call: (client) => client.identitySecrets.edit(secret.id, form.values),
    done: `“${form.values.name.trim()}” is saved`,
    onDone: onClose,
  })
  return (
    <Dialog
      title="Name and platforms"
      action="Save"
      onClose={onClose}
      onSubmit={() => !form.validate().hasErrors && change.mutate()}
      isBusy={change.isPending}
      error={change.error}
      failure="Nothing was changed"
      isReady={form.isDirty()}
    >
      <TextInput label="Name" data-autofocus autoComplete="off" {...form.getInputProps('name')} />
      <PlatformsField value={form.values.platforms} {...form.getInputProps('platforms')} />
      <LostPlatforms before={secret} after={form.values.platforms} />
    </Dialog>
  )
}

function LostPlatforms({ before, after }: { before: IdentitySecret; after: IdentitySecret['platforms'] }) {
  const lost = chosenOf(before.platforms).filter((each) => !after[each])
  if (lost.length === 0) return null
  return <p className="consequence">Once saved, users on {lost.join(' and ')} that are signed with it are refused.</p>
}
