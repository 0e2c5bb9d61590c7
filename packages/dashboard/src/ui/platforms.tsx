import { Checkbox, Group } from '@mantine/core'

export const platforms = ['web', 'ios', 'android'] as const
export type PlatformName = (typeof platforms)[number]
export type ChosenPlatforms = Readonly<Record<PlatformName, boolean>>

export const platformWords = { web: 'Web', ios: 'iOS', android: 'Android' } as const satisfies Record<
  PlatformName,
  string
>

export function Platforms({ value }: { readonly value: ChosenPlatforms }) {
  return (
    <>
      {chosenOf(value)
        .map((each) => platformWords[each])
        .join(', ')}
    </>
  )
}

export const chosenOf = (value: ChosenPlatforms) => platforms.filter((each) => value[each])

interface PlatformsFieldProps {
  readonly value: ChosenPlatforms
  readonly onChange: (value: ChosenPlatforms) => void
  readonly error?: React.ReactNode
}

export function PlatformsField({ value, onChange, error }: PlatformsFieldProps) {
  return (
    <Checkbox.Group
      label="Platforms"
      description="Where users that are signed with it come from"
      value={chosenOf(value)}
      onChange={(chosen) => onChange(platformsOf(chosen))}
      error={error}
    >
      <Group mt={8} gap="lg">
        {platforms.map((each) => (
          <Checkbox key={each} value={each} label={platformWords[each]} />
        ))}
      </Group>
    </Checkbox.Group>
  )
}

function platformsOf(chosen: readonly string[]): ChosenPlatforms {
  return { web: chosen.includes('web'), ios: chosen.includes('ios'), android: chosen.includes('android') }
}
