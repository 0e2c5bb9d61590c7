import { describe, expect, it } from 'vitest'
import { type Column, list } from './list.ts'
import { shorten, widthOf } from './text-width.ts'

type Row = readonly [id: string, name: string, state: string, extra: string]

const columns: readonly Column<Row>[] = [
  { head: 'ID', value: ([id]) => id },
  { head: 'NAME', value: ([, name]) => name, least: 8 },
  { head: 'STATE', value: ([, , state]) => state },
  { head: 'EXTRA', value: ([, , , extra]) => extra, expendable: 1 },
]

describe('a list', () => {
  it('shows everything where there is room', () => {
    expect(list(columns, [['1', 'Spring', 'active', 'x']], 80)).toBe('ID  NAME    STATE   EXTRA\n1   Spring  active  x')
  })

  it('shortens what may be shortened before it leaves anything out', () => {
    expect(list(columns, [['1', 'a name of some length', 'active', 'x']], 30)).toBe(
      'ID  NAME        STATE   EXTRA\n1   a name of…  active  x',
    )
  })

  it('leaves out what is least needed where the shortest form does not fit', () => {
    const shown = list(columns, [['1', 'a name of some length', 'active', 'a long extra']], 24)
    expect(shown.split('\n').map((line) => widthOf(line) <= 24)).toEqual([true, true])
    expect(shown).not.toContain('EXTRA')
  })

  it.each([
    '日本語の名前はとても長い長い長い長い',
    '👍👍👍👍👍👍👍👍👍👍👍👍👍👍',
    'e\u0301'.repeat(40),
    '\u001b[31mred\u001b[0m and a lot more of it that is long',
    'line\nbreak\u2028and \u202e sdrawkcab and then some',
    'x'.repeat(255),
  ])('is as wide as it may be whatever a name holds: %j', (name) => {
    const lines = list(
      columns,
      [
        ['1', name, 'active', 'x'],
        ['2', 'Spring', 'active', 'x'],
      ],
      40,
    ).split('\n')
    expect(lines).toHaveLength(3)
    for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(40)
    expect(lines.join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  })
})

describe('a text that is shortened', () => {
  it('ends in an ellipsis, within its width and between whole characters', () => {
    expect(shorten('Spring', 6)).toBe('Spring')
    expect(shorten('Springs', 6)).toBe('Sprin…')
    expect(shorten('日本語', 5)).toBe('日本…')
    expect(shorten('日本語', 4)).toBe('日…')
  })

  it('does not count colours', () => {
    expect(widthOf('\u001b[31mred\u001b[39m')).toBe(3)
  })
})
