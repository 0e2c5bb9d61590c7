import { Group, NumberInput, Select } from '@mantine/core'
import { useState } from 'react'
import { longDuration } from './durations.ts'

interface DurationFieldProps {
  readonly label: string
  readonly description?: string
  readonly seconds: number
  readonly onChange: (seconds: number) => void
  readonly min: number
  readonly max: number
}

const units = [
  { value: '1', label: 'seconds' },
  { value: '60', label: 'minutes' },
  { value: '3600', label: 'hours' },
  { value: '86400', label: 'days' },
]

/** The largest unit that it is a whole number of. */
const unitOf = (seconds: number) => [86_400, 3600, 60].find((each) => seconds > 0 && seconds % each === 0) ?? 1

export function DurationField({ label, description, seconds, onChange, min, max }: DurationFieldProps) {
  const [unit, setUnit] = useState(() => unitOf(seconds))
  const change = (next: number) => {
    setUnit(next)
    onChange((seconds / unit) * next)
  }
  const isWithin = seconds >= min && seconds <= max
  const error = isWithin ? null : `Between ${longDuration(min)} and ${longDuration(max)}`
  return (
    <Group gap="xs" align="flex-end" wrap="nowrap">
      <NumberInput
        label={label}
        description={description}
        value={seconds / unit}
        onChange={(value) => onChange(Math.round(Number(value) * unit))}
        min={0}
        allowDecimal={false}
        allowNegative={false}
        error={error}
        style={{ flex: 1 }}
      />
      <Select
        aria-label={`${label}: unit`}
        data={units}
        value={String(unit)}
        onChange={(value) => change(Number(value ?? unit))}
        allowDeselect={false}
        w={120}
        mb={error === null ? 0 : 22}
      />
    </Group>
  )
}
