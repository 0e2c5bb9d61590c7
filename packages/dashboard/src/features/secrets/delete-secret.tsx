import { ApiError } from '@cutover/client'
import type { Cutover } from '@cutover/contract'
import { Skeleton, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { ConfirmByName } from '../../ui/confirm-by-name.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { duration } from '../../ui/durations.ts'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { useAllows } from '../../ui/missing-scope.tsx'
import { SourcesTable } from '../rotation/sources-table.tsx'
import { VerdictLine } from '../rotation/verdict-line.tsx'
import type { SecretDialogProps } from './secret-actions.tsx'
import { useSecretChange, useVerdict } from './secret-queries.ts'

/** Safe: guarded, so that a use in the last moment stops it. Not safe: the name is typed, and there is no guard. */
export function DeleteSecret({ secret, onClose }: SecretDialogProps) {
  const mayAsk = useAllows()('read_secure_mode_secret')
  const verdict = useVerdict(secret.id, { enabled: mayAsk, staleTime: 0 })
  const [typed, setTyped] = useState('')
  const isSafe = verdict.data?.verdict === 'safe'
  const guard = isSafe ? { ifQuietForSeconds: verdict.data?.quietSecondsRequired } : {}
  const change = useSecretChange({
    call: (client) => client.identitySecrets.delete(secret.id, guard),
    done: `“${secret.name}” is deleted`,
    onDone: onClose,
  })
  const isKnown = verdict.isSuccess || verdict.isError || !mayAsk
  return (
    <Dialog
      title={`Delete ${secret.name}`}
      action={isSafe ? 'Delete' : 'Delete all the same'}
      isDangerous
      onClose={onClose}
      onSubmit={() => change.mutate()}
      isBusy={change.isPending}
      error={change.error}
      failure={wasUsed(change.error) ? 'It was used meanwhile, so it was not deleted' : 'It was not deleted'}
      isReady={isKnown && (isSafe || typed === secret.name)}
      size={560}
    >
      <Text size="sm">
        Once this is answered, nobody is verified with it. It can be restored for 7 days; then its material is
        destroyed.
      </Text>
      {verdict.isError && <ErrorNotice what="Whether it is in use is not known" error={verdict.error} />}
      {verdict.data === undefined ? mayAsk && <Skeleton height={72} /> : <Usage verdict={verdict.data} />}
      {isKnown && !isSafe && <ConfirmByName name={secret.name} value={typed} onChange={setTyped} />}
    </Dialog>
  )
}

function Usage({ verdict }: { readonly verdict: Cutover }) {
  return (
    <Stack gap="xs">
      <VerdictLine verdict={verdict} />
      {verdict.verdict === 'safe' && (
        <Text size="sm" c="dimmed">
          A use within the last {duration(verdict.quietSecondsRequired)} stops the delete, also one in this very moment.
        </Text>
      )}
      {verdict.sources.length > 0 && <SourcesTable sources={verdict.sources} rowsShown={5} />}
    </Stack>
  )
}

const wasUsed = (error: unknown) => error instanceof ApiError && error.code === 'secret_in_use'
