import type { Settings as WorkspaceSettings } from '@cutover/contract'
import { Button, Group, NumberInput, Skeleton, Stack, Switch, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useOpenSession } from '../../app/session-store.ts'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { ReadOnlyNote, Requires, useAllows } from '../../ui/missing-scope.tsx'
import { Page } from '../../ui/page.tsx'
import { Panel } from '../../ui/panel.tsx'
import { tellDone } from '../../ui/tell-done.ts'
import { EnforcementTable } from './enforcement-table.tsx'
import { Nodes } from './nodes.tsx'

export function Settings() {
  return (
    <Page
      title="Settings"
      lead="What is enforced in this workspace, and how old its secrets may be."
      actions={<ReadOnlyNote scope="write_settings" />}
    >
      <Requires scope="read_settings" to="read the settings">
        <Editor />
      </Requires>
      <Panel title="Nodes" flush>
        <Nodes />
      </Panel>
    </Page>
  )
}

function Editor() {
  const { client } = useOpenSession()
  const settings = useQuery({ queryKey: ['settings'], queryFn: () => client.settings.read() })
  if (settings.isError) return <ErrorNotice what="The settings cannot be read" error={settings.error} />
  if (settings.data === undefined) return <Skeleton height={360} />
  return <Form key={JSON.stringify(settings.data)} saved={settings.data} />
}

/** Saved whole, as the API has it: what one does not see cannot be changed by mistake. */
function Form({ saved }: { readonly saved: WorkspaceSettings }) {
  const [wanted, setWanted] = useState(saved)
  const mayWrite = useAllows()('write_settings')
  const saving = useSave()
  const isChanged = JSON.stringify(wanted) !== JSON.stringify(saved)
  return (
    <Stack gap="lg">
      <Panel title="Enforcement" flush>
        <EnforcementTable
          enforcement={wanted.enforcement}
          onChange={mayWrite ? (enforcement) => setWanted({ ...wanted, enforcement }) : null}
        />
      </Panel>
      <Panel title="Rotation policy">
        <Policy
          maxAgeDays={wanted.rotationPolicy.maxAgeDays}
          onChange={mayWrite ? (maxAgeDays) => setWanted({ ...wanted, rotationPolicy: { maxAgeDays } }) : null}
        />
      </Panel>
      {saving.isError && <ErrorNotice what="The settings were not saved" error={saving.error} />}
      {mayWrite && (
        <Group gap="xs">
          <Button disabled={!isChanged} loading={saving.isPending} onClick={() => saving.mutate(wanted)}>
            Save settings
          </Button>
          <Button variant="default" disabled={!isChanged} onClick={() => setWanted(saved)}>
            Discard
          </Button>
        </Group>
      )}
    </Stack>
  )
}

function useSave() {
  const { client } = useOpenSession()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (settings: WorkspaceSettings) => client.settings.replace(settings),
    onSuccess: (settings) => {
      queries.setQueryData(['settings'], settings)
      void queries.invalidateQueries({ queryKey: ['secrets'] })
      tellDone('The settings are saved, and hold from now on')
    },
  })
}

interface PolicyProps {
  readonly maxAgeDays: number | null
  readonly onChange: ((maxAgeDays: number | null) => void) | null
}

/** A policy, not an end: nothing stops to verify. */
function Policy({ maxAgeDays, onChange }: PolicyProps) {
  return (
    <Stack gap="md" maw={520}>
      <Switch
        label="Secrets and tokens are due for rotation at an age"
        checked={maxAgeDays !== null}
        disabled={onChange === null}
        onChange={(event) => onChange?.(event.currentTarget.checked ? 90 : null)}
      />
      {maxAgeDays !== null && (
        <NumberInput
          label="Days"
          value={maxAgeDays}
          onChange={(value) => onChange?.(Math.min(3650, Math.max(1, Math.round(Number(value)))))}
          min={1}
          max={3650}
          disabled={onChange === null}
          w={160}
        />
      )}
      <Text size="xs" c="dimmed">
        What is older is marked as overdue here and in the API. It goes on to verify.
      </Text>
    </Stack>
  )
}
