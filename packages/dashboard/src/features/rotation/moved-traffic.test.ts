import { describe, expect, it } from 'vitest'
import { movedTraffic, seriesOf } from './moved-traffic.ts'

const minutes = [
  { start: '2026-11-21T12:00:00.000Z', counts: { '1': 3, '2': 0, '9': 100 } },
  { start: '2026-11-21T12:01:00.000Z', counts: { '1': 0, '2': 9 } },
]
const secret = (id: string) => ({ id, name: 'Spring', fingerprint: 'sha256:0', state: 'active' as const })

describe('movedTraffic', () => {
  it('is of the old and the new one alone, whoever else verifies', () => {
    expect(movedTraffic(minutes, '1', '2')).toEqual({ old: 3, fresh: 9, share: 0.75 })
  })

  it('has no share where neither was used', () => {
    expect(movedTraffic(minutes, '7', '8').share).toBeNull()
  })
})

describe('seriesOf', () => {
  it('has the old one below the new one, told apart by their ids', () => {
    expect(seriesOf([secret('1'), secret('9'), secret('2')], '1', '2')).toEqual([
      { id: '1', label: 'Spring (1)', color: 'var(--old)' },
      { id: '2', label: 'Spring (2)', color: 'var(--new)' },
    ])
  })

  it('shows a secret without a successor alone, and not as an old one', () => {
    expect(seriesOf([secret('1'), secret('9')], '1', null)).toEqual([
      { id: '1', label: 'Spring (1)', color: 'var(--new)' },
    ])
  })
})
