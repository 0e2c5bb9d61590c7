import type { Enforcement, Readiness24h, Settings } from '@cutover/contract'
import { SegmentedControl, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useOpenSession } from '../../app/session-store.ts'
import { type PlatformName, platforms, platformWords } from '../../ui/platforms.tsx'
import { count, share } from '../../ui/words.ts'
import classes from './settings.module.css'

const choices = [
  { value: 'enforce', label: 'Enforce' },
  { value: 'monitor', label: 'Monitor' },
  { value: 'off', label: 'Off' },
] satisfies { value: Enforcement; label: string }[]

interface EnforcementTableProps {
  readonly enforcement: Settings['enforcement']
  readonly onChange: ((enforcement: Settings['enforcement']) => void) | null
}

/** Each platform with what enforcing it would do. */
export function EnforcementTable({ enforcement, onChange }: EnforcementTableProps) {
  const { client } = useOpenSession()
  const { data: readiness } = useQuery({
    queryKey: ['readiness'],
    queryFn: () => client.settings.readiness(),
    refetchInterval: 30_000,
  })
  return (
    <>
      <Text size="xs" c="dimmed" px={16} pb={8}>
        Enforce rejects what does not verify. Monitor and off let it pass, with the reason in the answer.
      </Text>
      {platforms.map((platform) => (
        <div key={platform} className={classes['platform']}>
          <Text fw={550} size="sm">
            {platformWords[platform]}
          </Text>
          <SegmentedControl
            aria-label={`Enforcement on ${platformWords[platform]}`}
            data={choices}
            value={enforcement[platform]}
            readOnly={onChange === null}
            disabled={onChange === null}
            onChange={(value) => onChange?.({ ...enforcement, [platform]: value })}
          />
          <Figures figures={readiness?.[platform]} />
          <Text size="xs" c="dimmed" className={classes['effect'] ?? ''}>
            {effectOf(readiness?.[platform])}
          </Text>
        </div>
      ))}
    </>
  )
}

type PlatformFigures = Readiness24h[PlatformName]

function Figures({ figures }: { readonly figures: PlatformFigures | undefined }) {
  const shares = [
    ['verified', figures?.signedShare, 'var(--good)'],
    ['unsigned', figures?.unsignedShare, 'var(--fourth)'],
    ['failing', figures?.failingShare, 'var(--bad)'],
  ] as const
  return (
    <div>
      <div className={classes['bar']} aria-hidden="true">
        {shares.map(([word, value, color]) => (
          <span key={word} style={{ flexGrow: value ?? 0, background: color }} />
        ))}
      </div>
      <div className={classes['shares']}>
        {shares.map(([word, value, color]) => (
          <span key={word}>
            <span className={classes['swatch']} style={{ background: color }} aria-hidden="true" />
            {word} <strong>{share(value ?? null)}</strong>
          </span>
        ))}
      </div>
    </div>
  )
}

function effectOf(figures: PlatformFigures | undefined): string {
  if (figures === undefined) return ' '
  if (figures.total === 0) return 'Nothing was asked in the last 24 h: enforcing it rejects nobody that was seen.'
  const rejected = (figures.unsignedShare ?? 0) + (figures.failingShare ?? 0)
  return `Enforcing it rejects ${share(rejected)} of what is asked: of ${count(figures.total)} in the last 24 h.`
}
