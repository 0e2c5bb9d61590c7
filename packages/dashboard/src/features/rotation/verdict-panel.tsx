import type { IdentitySecret } from '@cutover/contract'
import { Button, Text } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import { ReadOnlyNote, useAllows } from '../../ui/missing-scope.tsx'
import { StateBadge } from '../../ui/state-badge.tsx'
import classes from './live.module.css'
import { QuietRing } from './quiet-ring.tsx'
import type { Live } from './use-cutover-stream.ts'
import { verdictWords } from './verdict-line.tsx'

interface VerdictPanelProps {
  readonly secret: IdentitySecret
  readonly live: Live
  readonly onDelete: () => void
}

/** May it go? The button becomes safe when the answer is yes. */
export function VerdictPanel({ secret, live, onDelete }: VerdictPanelProps) {
  const { event } = live
  const verdict = event?.verdict ?? 'unknown'
  const isSafe = verdict === 'safe' && live.connection === 'live'
  return (
    <div className={classes['verdict']}>
      <QuietRing live={live} />
      <div role="status">
        <StateBadge state={verdict} label={event === null ? 'asking…' : verdictWords[verdict]} />
      </div>
      <div className={classes['why']}>{event?.why}</div>
      <DeleteButton secret={secret} isSafe={isSafe} onDelete={onDelete} />
    </div>
  )
}

interface DeleteButtonProps {
  readonly secret: IdentitySecret
  readonly isSafe: boolean
  readonly onDelete: () => void
}

function DeleteButton({ secret, isSafe, onDelete }: DeleteButtonProps) {
  if (!useAllows()('write_secure_mode_secret')) return <ReadOnlyNote scope="write_secure_mode_secret" />
  if (secret.state === 'deleted') return null
  return (
    <>
      <Button
        fullWidth
        leftSection={<IconTrash size={16} />}
        {...(isSafe ? { color: 'green' } : { variant: 'default' })}
        onClick={onDelete}
        mt="auto"
      >
        {isSafe ? 'Delete: it is safe now' : 'Delete…'}
      </Button>
      <Text size="xs" c="dimmed">
        {isSafe ? 'A use in the last moment stops it' : 'You would have to type its name'}
      </Text>
    </>
  )
}
