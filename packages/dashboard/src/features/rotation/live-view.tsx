import type { IdentitySecret } from '@cutover/contract'
import { Skeleton } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { Panel } from '../../ui/panel.tsx'
import { ConnectionNote } from './connection-note.tsx'
import classes from './live.module.css'
import { Passage } from './passage.tsx'
import { SourcesTable } from './sources-table.tsx'
import { Traffic } from './traffic.tsx'
import { type Live, useCutoverStream } from './use-cutover-stream.ts'
import { VerdictPanel } from './verdict-panel.tsx'

interface LiveViewProps {
  readonly secret: IdentitySecret
  readonly onDelete: () => void
}

/** Traffic goes from one secret to the other, and one sees when the old one may go. */
export function LiveView({ secret, onDelete }: LiveViewProps) {
  const live = useCutoverStream(secret.id)
  useFreshState(secret, live)
  const { event, refusal } = live
  const successor = event?.secrets.find(({ id }) => id === secret.successorId)
  if (refusal !== null) return <ErrorNotice what="There is no live view" error={refusal} />
  return (
    <>
      {secret.successorId !== null && (
        <Panel title="Rotation" aside={<ConnectionNote live={live} />}>
          {event === null || successor === undefined ? (
            <Skeleton height={132} />
          ) : (
            <Passage secret={secret} successor={successor} event={event} />
          )}
        </Panel>
      )}
      <div className={classes['grid']}>
        <Panel
          title="Verifications by minute"
          {...(secret.successorId === null ? { aside: <ConnectionNote live={live} /> } : {})}
        >
          <Traffic event={event} secret={secret} />
        </Panel>
        <Panel title="May it go?">
          <VerdictPanel secret={secret} live={live} onDelete={onDelete} />
        </Panel>
      </div>
      <Panel title={secret.successorId === null ? 'Who signs with it' : 'Who is still on the old one'} flush>
        <SourcesTable sources={event?.sources} />
      </Panel>
    </>
  )
}

/** The stream knows first: a grace that has ended, somebody else's change. */
function useFreshState({ id, state }: IdentitySecret, { event }: Live): void {
  const queries = useQueryClient()
  const streamed = event?.state
  useEffect(() => {
    if (streamed !== undefined && streamed !== state)
      void queries.invalidateQueries({ queryKey: ['secrets', 'one', id] })
  }, [queries, id, state, streamed])
}
