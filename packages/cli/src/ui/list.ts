import type { Terminal } from '../terminal.ts'
import { widthOfStream } from './prose.ts'
import { tell } from './report.ts'
import { onOneLine, table } from './table.ts'
import { shorten, widthOf } from './text-width.ts'

export interface Column<Row> {
  readonly head: string
  readonly value: (row: Row) => string
  /** May be shortened to so many columns of the terminal; otherwise it is shown whole. */
  readonly least?: number
  /** Left out where the leasts do not fit: the highest first. */
  readonly expendable?: number
}

export interface Listed<Row> {
  readonly columns: readonly Column<Row>[]
  /** What to say where there is nothing to list. */
  readonly none: string
}

const gap = 2

/** Prints a collection: as `{"data":[…]}` with --json, else as a table. */
export function reportList<Row>(
  terminal: Terminal,
  { json }: { readonly json?: boolean },
  rows: readonly Row[],
  { columns, none }: Listed<Row>,
): void {
  if (json) terminal.stdout.write(`${JSON.stringify({ data: rows }, null, 2)}\n`)
  else if (rows.length === 0) tell(terminal, none)
  else terminal.stdout.write(`${list(columns, rows, widthOfStream(terminal.stdout))}\n`)
}

/** A table of at most `width` columns: long values are shortened, and what is least needed left out. */
export function list<Row>(columns: readonly Column<Row>[], rows: readonly Row[], width: number): string {
  const all = columns.map((column) => measure(column, rows))
  const fitted = fit(leaveOut(all, width), width)
  const cells = rows.map((_, index) => fitted.map(({ values, width }) => shorten(values[index] ?? '', width)))
  return table(
    fitted.map(({ column }) => column.head),
    cells,
  )
}

interface Measured<Row> {
  readonly column: Column<Row>
  readonly values: readonly string[]
  readonly width: number
  readonly least: number
}

function measure<Row>(column: Column<Row>, rows: readonly Row[]): Measured<Row> {
  const values = rows.map((row) => onOneLine(column.value(row)))
  const width = Math.max(widthOf(column.head), ...values.map(widthOf))
  return { column, values, width, least: Math.min(width, column.least ?? width) }
}

function leaveOut<Row>(columns: readonly Measured<Row>[], width: number): readonly Measured<Row>[] {
  if (total(columns.map(({ least }) => least)) <= width) return columns
  const expendable = (each: Measured<Row>) => each.column.expendable ?? 0
  const highest = Math.max(...columns.map(expendable))
  return highest === 0
    ? columns
    : leaveOut(
        columns.filter((each) => expendable(each) < highest),
        width,
      )
}

/** Takes from whatever has the most to give, until all fit. */
function fit<Row>(columns: readonly Measured<Row>[], width: number): readonly Measured<Row>[] {
  const widths = columns.map((each) => each.width)
  for (let excess = total(widths) - width; excess > 0; excess -= 1) {
    const slack = columns.map(({ least }, index) => (widths[index] ?? 0) - least)
    const most = slack.indexOf(Math.max(...slack))
    if ((slack[most] ?? 0) <= 0) break
    widths[most] = (widths[most] ?? 0) - 1
  }
  return columns.map((each, index) => ({ ...each, width: widths[index] ?? each.width }))
}

function total(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, 0) + gap * (widths.length - 1)
}
