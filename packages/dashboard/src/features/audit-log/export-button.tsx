import type { CutoverClient } from '@cutover/client'
import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconDownload } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useOpenSession } from '../../app/session-store.ts'
import { download } from '../../ui/download.ts'
import { reasonOf } from '../../ui/error-notice.tsx'

/** The whole chain. One that broke off is not saved: it would look like all of it. */
export function ExportButton({ chain }: { readonly chain: '' | 'instance' }) {
  const { client, workspaceId } = useOpenSession()
  const exporting = useMutation({
    mutationFn: () => wholeChain(client, chain),
    onSuccess: (parts) => {
      const day = new Date().toISOString().slice(0, 10)
      download(`cutover-audit-${chain || workspaceId}-${day}.ndjson`, parts, 'application/x-ndjson')
    },
    onError: (error) =>
      notifications.show({ color: 'red', title: 'The chain was not exported', message: reasonOf(error) }),
  })
  return (
    <Button
      variant="default"
      leftSection={<IconDownload size={16} />}
      loading={exporting.isPending}
      onClick={() => exporting.mutate()}
    >
      Export all
    </Button>
  )
}

function wholeChain(client: CutoverClient, chain: '' | 'instance'): Promise<BlobPart[]> {
  const chunks = client.auditLog.export(chain === '' ? {} : { chain })
  return Array.fromAsync(chunks, (chunk) => new Uint8Array(chunk))
}
