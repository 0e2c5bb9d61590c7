import { Button, Group, Select, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useAllows } from '../../ui/missing-scope.tsx'
import { auditActions } from './audit-actions.ts'
import type { AuditFilter } from './audit-filter.ts'
import classes from './audit-log.module.css'

interface AuditFiltersProps {
  readonly filter: AuditFilter
  readonly onFilter: (filter: AuditFilter) => void
}

const blank: AuditFilter = { action: '', actor: '', resource: '', result: '', from: '', to: '', chain: '' }

/** All of them have to fit. */
export function AuditFilters({ filter, onFilter }: AuditFiltersProps) {
  const form = useForm({ initialValues: filter })
  const mayReadInstance = useAllows()('manage_workspaces')
  const clear = () => {
    form.setValues(blank)
    onFilter(blank)
  }
  return (
    <form onSubmit={form.onSubmit((values) => onFilter(withoutNulls(values)))} aria-label="Filters">
      <div className={classes['filters']}>
        <Select
          label="Action"
          placeholder="Any"
          data={[...auditActions]}
          searchable
          clearable
          clearButtonProps={anyAction}
          {...form.getInputProps('action')}
          value={form.values.action || null}
        />
        <Select
          label="Result"
          placeholder="Any"
          data={['success', 'failure']}
          clearable
          clearButtonProps={anyResult}
          {...form.getInputProps('result')}
          value={form.values.result || null}
        />
        <TextInput label="Actor" placeholder="tok_… or an address" classNames={mono} {...form.getInputProps('actor')} />
        <TextInput
          label="Resource"
          placeholder="12, int_…, tok_…"
          classNames={mono}
          {...form.getInputProps('resource')}
        />
        <TextInput label="From" type="datetime-local" {...form.getInputProps('from')} />
        <TextInput label="Before" type="datetime-local" {...form.getInputProps('to')} />
        {mayReadInstance && (
          <Select label="Chain" data={chains} allowDeselect={false} {...form.getInputProps('chain')} />
        )}
        <Group gap="xs" className={classes['buttons'] ?? ''}>
          <Button type="submit">Search</Button>
          <Button variant="default" onClick={clear}>
            Clear
          </Button>
        </Group>
      </div>
    </form>
  )
}

const mono = { input: 'mono' }
const anyAction = { 'aria-label': 'Any action' }
const anyResult = { 'aria-label': 'Any result' }
const chains = [
  { value: '', label: 'This workspace' },
  { value: 'instance', label: 'The instance' },
]

/** What a cleared choice leaves behind. */
function withoutNulls(filter: AuditFilter): AuditFilter {
  return { ...filter, action: filter.action ?? '', result: filter.result ?? '' }
}
