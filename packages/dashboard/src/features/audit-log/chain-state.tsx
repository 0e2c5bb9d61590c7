import type { AuditCheckpoint } from '@cutover/contract'
import { Button, Group, Skeleton, Text } from '@mantine/core'
import { IconDownload, IconKey, IconRefresh } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useOpenSession } from '../../app/session-store.ts'
import { CopyIcon } from '../../ui/copy.tsx'
import { download } from '../../ui/download.ts'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Panel } from '../../ui/panel.tsx'
import { plural } from '../../ui/words.ts'
import { ExportButton } from './export-button.tsx'

/** How long the chain is and what its last hash is, signed at this moment. */
export function ChainState({ chain }: { readonly chain: '' | 'instance' }) {
  const { client } = useOpenSession()
  const query = chain === '' ? {} : { chain }
  const checkpoint = useQuery({
    queryKey: ['audit-checkpoint', chain],
    queryFn: () => client.auditLog.checkpoint(query),
    staleTime: 60_000,
  })
  const saveKey = async () => {
    download('cutover-audit-key.json', [JSON.stringify(await client.auditLog.key(), null, 2)], 'application/json')
  }
  return (
    <Panel title="Chain">
      {checkpoint.isError && <ErrorNotice what="There is no checkpoint" error={checkpoint.error} />}
      {checkpoint.isPending && <Skeleton height={100} />}
      {checkpoint.data && <Checkpoint checkpoint={checkpoint.data} />}
      <Group gap="xs" mt="sm">
        <Button
          variant="default"
          leftSection={<IconRefresh size={16} />}
          onClick={() => checkpoint.refetch()}
          loading={checkpoint.isRefetching}
        >
          New checkpoint
        </Button>
        {checkpoint.data && (
          <Button
            variant="default"
            leftSection={<IconDownload size={16} />}
            onClick={() => saveCheckpoint(checkpoint.data)}
          >
            Checkpoint
          </Button>
        )}
        <Button variant="default" leftSection={<IconKey size={16} />} onClick={() => void saveKey()}>
          Public key
        </Button>
        <ExportButton chain={chain} />
      </Group>
      <Text size="xs" c="dimmed" mt="xs">
        Keep checkpoints and the key where whoever can write to the store cannot: an alteration shows up to the last one
        that is kept elsewhere.
      </Text>
    </Panel>
  )
}

function Checkpoint({ checkpoint }: { readonly checkpoint: AuditCheckpoint }) {
  const { size, headHash, time, keyId, chain } = checkpoint
  return (
    <Facts
      isWide
      facts={[
        ['Chain', <code key="chain">{chain}</code>],
        ['Length', plural(size, 'entry', 'entries')],
        ['Signed', <Moment key="time" iso={time} />],
        ['Key', <code key="key">{keyId}</code>],
        [
          'Last hash',
          <span key="hash">
            <code>{headHash}</code> <CopyIcon text={headHash} what="the hash" />
          </span>,
        ],
      ]}
    />
  )
}

function saveCheckpoint(checkpoint: AuditCheckpoint): void {
  const fileName = `cutover-checkpoint-${checkpoint.chain}-${checkpoint.size}.json`
  download(fileName, [`${JSON.stringify(checkpoint)}\n`], 'application/json')
}
