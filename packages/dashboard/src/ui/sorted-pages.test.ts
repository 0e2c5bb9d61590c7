import { describe, expect, it } from 'vitest'
import { pageOf, sorted, toggled } from './sorted-pages.ts'

const columns = [{ label: 'Name', order: (row: { name: string }) => row.name }, { label: 'State' }]
const rows = [{ name: 'b10' }, { name: 'B9' }, { name: 'a' }]

describe('sorted', () => {
  it('reads numbers in names as numbers, and leaves the rows that it was given alone', () => {
    expect(sorted(rows, columns, { label: 'Name', descending: false }).map(({ name }) => name)).toEqual([
      'a',
      'B9',
      'b10',
    ])
    expect(rows[0]?.name).toBe('b10')
  })

  it('leaves the order where the column has none', () => {
    expect(sorted(rows, columns, { label: 'State', descending: true })).toBe(rows)
  })
})

describe('toggled', () => {
  it('goes up, down, and back to how the rows came', () => {
    const up = toggled(null, 'Name')
    const down = toggled(up, 'Name')
    expect([up, down, toggled(down, 'Name')]).toEqual([
      { label: 'Name', descending: false },
      { label: 'Name', descending: true },
      null,
    ])
  })
})

describe('pageOf', () => {
  const numbers = Array.from({ length: 101 }, (_, index) => index)

  it('has the rest on the last page', () => {
    expect(pageOf(numbers, 3, 50)).toEqual({ rows: [100], page: 3, pages: 3, first: 100 })
  })

  it('shows the last page where a filter took the wanted one away', () => {
    expect(pageOf([1], 3, 50)).toMatchObject({ rows: [1], page: 1, pages: 1 })
  })

  it('shows all where there are no pages', () => {
    expect(pageOf(numbers, 1, null).rows).toHaveLength(101)
  })
})
