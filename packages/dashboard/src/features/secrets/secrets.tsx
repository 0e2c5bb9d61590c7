import { Button, Group, Select, TextInput } from '@mantine/core'
import { IconPlus, IconSearch, IconShieldLock } from '@tabler/icons-react'
import { lazy, Suspense, useDeferredValue, useState } from 'react'
import { useSearchParams } from 'react-router'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { ReadOnlyNote, Requires, useAllows } from '../../ui/missing-scope.tsx'
import { NothingYet } from '../../ui/nothing-yet.tsx'
import { Page } from '../../ui/page.tsx'
import { Panel } from '../../ui/panel.tsx'
import { capitalized } from '../../ui/words.ts'
import { useSecrets } from './secret-queries.ts'
import { isFilter, matching, needsTheDead, type SecretFilter, secretFilters } from './secrets-filter.ts'
import { SecretsTable } from './secrets-table.tsx'

const CreateSecret = lazy(() => import('./create-secret.tsx').then(({ CreateSecret }) => ({ default: CreateSecret })))

export function Secrets() {
  const [isCreating, setIsCreating] = useState(false)
  const mayWrite = useAllows()('write_secure_mode_secret')
  const create = mayWrite && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setIsCreating(true)}>
      New secret
    </Button>
  )
  return (
    <Page
      title="Secrets"
      lead="What your customers' backends sign the ids of their users with."
      actions={create || <ReadOnlyNote scope="write_secure_mode_secret" />}
    >
      <Requires scope="read_secure_mode_secret" to="list identity secrets">
        <SecretList onCreate={mayWrite ? () => setIsCreating(true) : null} />
      </Requires>
      {isCreating && (
        <Suspense>
          <CreateSecret onClose={() => setIsCreating(false)} />
        </Suspense>
      )}
    </Page>
  )
}

function SecretList({ onCreate }: { readonly onCreate: (() => void) | null }) {
  const [params, setParams] = useSearchParams()
  const shown = params.get('show')
  const filter = isFilter(shown) ? shown : 'live'
  const [text, setText] = useState('')
  const wanted = useDeferredValue(text)
  const secrets = useSecrets(needsTheDead(filter) ? 'all' : 'live')
  if (secrets.isError && secrets.data === undefined) {
    return <ErrorNotice what="The secrets cannot be listed" error={secrets.error} onRetry={() => secrets.refetch()} />
  }
  return (
    <>
      <Filters filter={filter} onFilter={(show) => setParams({ show })} text={text} onText={setText} />
      <Panel flush>
        <SecretsTable
          secrets={secrets.data && matching(secrets.data, filter, wanted)}
          empty={<NoSecrets isFiltered={filter !== 'live' || wanted !== ''} onCreate={onCreate} />}
        />
      </Panel>
    </>
  )
}

interface FiltersProps {
  readonly filter: SecretFilter
  readonly onFilter: (filter: SecretFilter) => void
  readonly text: string
  readonly onText: (text: string) => void
}

function Filters({ filter, onFilter, text, onText }: FiltersProps) {
  return (
    <Group gap="sm">
      <TextInput
        aria-label="Find a secret by name, id or fingerprint"
        placeholder="Name, id or fingerprint"
        leftSection={<IconSearch size={16} />}
        value={text}
        onChange={(event) => onText(event.currentTarget.value)}
        style={{ flex: '1 1 220px' }}
        maw={360}
      />
      <Select
        aria-label="Which secrets"
        data={secretFilters.map((value) => ({ value, label: capitalized(value) }))}
        value={filter}
        onChange={(value) => isFilter(value) && onFilter(value)}
        allowDeselect={false}
        w={140}
      />
    </Group>
  )
}

function NoSecrets({ isFiltered, onCreate }: { readonly isFiltered: boolean; readonly onCreate: (() => void) | null }) {
  if (isFiltered) {
    return (
      <NothingYet icon={<IconSearch />} title="Nothing fits">
        No secret is in this state, or has this in its name.
      </NothingYet>
    )
  }
  return (
    <NothingYet
      icon={<IconShieldLock />}
      title="No secret yet"
      action={onCreate && <Button onClick={onCreate}>New secret</Button>}
    >
      The first step: make one, or import the one that your customers sign with today. Nobody has to change anything for
      an imported one.
    </NothingYet>
  )
}
