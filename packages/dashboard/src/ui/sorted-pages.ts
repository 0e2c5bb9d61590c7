export type Sorting = { readonly label: string; readonly descending: boolean } | null

interface Ordered<Row> {
  readonly label: string
  readonly order?: (row: Row) => number | string
}

export function sorted<Row>(rows: readonly Row[], columns: readonly Ordered<Row>[], sorting: Sorting): readonly Row[] {
  const order = columns.find(({ label }) => label === sorting?.label)?.order
  if (sorting === null || order === undefined) return rows
  const sign = sorting.descending ? -1 : 1
  return rows.toSorted((one, other) => sign * compare(order(one), order(other)))
}

/** First the way up, then the way down, then as it came. */
export function toggled(sorting: Sorting, label: string): Sorting {
  if (sorting?.label !== label) return { label, descending: false }
  return sorting.descending ? null : { label, descending: true }
}

/** A page past the end, after a filter took rows away, is the last one. */
export function pageOf<Row>(rows: readonly Row[], wanted: number, size: number | null) {
  if (size === null) return { rows, page: 1, pages: 1, first: 0 }
  const pages = Math.max(1, Math.ceil(rows.length / size))
  const page = Math.min(wanted, pages)
  const first = (page - 1) * size
  return { rows: rows.slice(first, first + size), page, pages, first }
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })

function compare(one: number | string, other: number | string): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other
  return collator.compare(String(one), String(other))
}
