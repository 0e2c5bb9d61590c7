import { TextInput } from '@mantine/core'

interface ConfirmByNameProps {
  readonly name: string
  readonly value: string
  readonly onChange: (value: string) => void
}

/** Typing the name takes long enough to read what stands above it. */
export function ConfirmByName({ name, value, onChange }: ConfirmByNameProps) {
  return (
    <TextInput
      label={
        <>
          Type <strong className="name">{name}</strong> to confirm
        </>
      }
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      autoComplete="off"
      spellCheck={false}
      data-autofocus
    />
  )
}
