import { Pagination, Skeleton, Table, Text } from '@mantine/core'
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react'
import { type ReactNode, useState } from 'react'
import classes from './data-table.module.css'
import { pageOf, type Sorting, sorted, toggled } from './sorted-pages.ts'
import { plural } from './words.ts'

export interface Column<Row> {
  readonly label: string
  readonly cell: (row: Row) => ReactNode
  readonly numeric?: boolean
  /** What the rows are ordered by; without it the column is not sorted by. */
  readonly order?: (row: Row) => number | string
  /** Of buttons and the like: its label is for screen readers alone. */
  readonly bare?: boolean
}

interface DataTableProps<Row> {
  readonly label: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[] | undefined
  readonly rowKey: (row: Row) => string
  readonly noun: string
  readonly initialSort?: Sorting
  /** 50 unless given; `null`: all of them on one. */
  readonly pageSize?: number | null
  /** In place of rows that there are none of. */
  readonly empty?: ReactNode
}

export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, columns, rows, rowKey, noun, initialSort = null, pageSize = 50, empty } = props
  const [sorting, setSorting] = useState<Sorting>(initialSort)
  const [page, setPage] = useState(1)
  if (rows === undefined) return <LoadingRows label={label} />
  if (rows.length === 0) return empty ?? <Text p="md">None.</Text>
  const shown = pageOf(sorted(rows, columns, sorting), page, pageSize)
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <section className={classes['region']} aria-label={label} tabIndex={0}>
        <Table className={classes['table'] ?? ''} role="table">
          <Table.Thead role="rowgroup">
            <Table.Tr role="row">
              {columns.map((column) => (
                <Heading
                  key={column.label}
                  column={column}
                  sorting={sorting}
                  onSort={(label) => setSorting(toggled(sorting, label))}
                />
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody role="rowgroup">
            {shown.rows.map((row) => (
              <Table.Tr key={rowKey(row)} role="row">
                {columns.map((column) => (
                  <Cell key={column.label} column={column} row={row} />
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </section>
      {shown.pages > 1 && (
        <div className={classes['foot']}>
          <Text size="xs" c="dimmed" aria-live="polite">
            {shown.first + 1}–{shown.first + shown.rows.length} of {plural(rows.length, noun)}
          </Text>
          <Pagination
            total={shown.pages}
            value={shown.page}
            onChange={setPage}
            size="sm"
            getControlProps={controlLabel}
            getItemProps={itemLabel}
          />
        </div>
      )}
    </>
  )
}

function Heading<Row>({
  column,
  sorting,
  onSort,
}: {
  column: Column<Row>
  sorting: Sorting
  onSort: (label: string) => void
}) {
  const { label, numeric, order, bare } = column
  const isSorted = sorting?.label === label
  const direction = isSorted ? (sorting.descending ? 'descending' : 'ascending') : 'none'
  const Arrow = direction === 'descending' ? IconArrowDown : IconArrowUp
  return (
    <Table.Th
      role="columnheader"
      className={numeric ? (classes['numeric'] ?? '') : ''}
      {...(order === undefined ? {} : { 'aria-sort': direction })}
    >
      {order === undefined ? (
        <span className={bare ? 'visually-hidden' : ''}>{label}</span>
      ) : (
        <button
          type="button"
          className={`${classes['sort']} ${isSorted ? classes['sorted'] : ''}`}
          onClick={() => onSort(label)}
        >
          {label}
          {isSorted && <Arrow size={12} aria-hidden="true" />}
        </button>
      )}
    </Table.Th>
  )
}

function Cell<Row>({ column, row }: { readonly column: Column<Row>; readonly row: Row }) {
  const { label, numeric, bare, cell } = column
  const names = [numeric ? classes['numeric'] : '', bare ? classes['bare'] : ''].filter(Boolean).join(' ')
  return (
    <Table.Td role="cell" data-label={label} className={names}>
      <div>{cell(row)}</div>
    </Table.Td>
  )
}

function LoadingRows({ label }: { readonly label: string }) {
  return (
    <div aria-busy="true" role="status" aria-label={`${label}: loading`}>
      {['one', 'two', 'three', 'four', 'five'].map((each) => (
        <Skeleton key={each} height={18} mx={12} my={14} width="auto" />
      ))}
    </div>
  )
}

const controlLabel = (control: string) => ({ 'aria-label': `${control} page` })
const itemLabel = (page: number) => ({ 'aria-label': `Page ${page}` })
