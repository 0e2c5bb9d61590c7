import { describe, expect, it } from 'vitest'
import type { AuditEntry } from '../audit/audit-entry.ts'
import { AppendedEntries } from './appended-entries.ts'

function entry(sequence: number) {
  return { chain: 'ws_a', entry: { sequence } as AuditEntry } // sound: nothing else of it is read
}

function heard() {
  const sequences: number[] = []
  return { sequences, appended: new AppendedEntries(({ entry: { sequence } }) => void sequences.push(sequence)) }
}

describe('the entries of committed transactions', () => {
  it('are handed on once the commit is known, in the order in which they were appended', () => {
    const { sequences, appended } = heard()
    const [first, second] = [appended.open(), appended.open()]
    first.add(entry(1))
    first.add(entry(2))
    second.add(entry(3))
    // The answer to the later commit came first.
    second.close(true)
    expect(sequences).toEqual([])
    first.close(true)
    expect(sequences).toEqual([1, 2, 3])
  })

  it('are never those of a transaction that was rolled back, and do not wait for it', () => {
    const { sequences, appended } = heard()
    const [first, second] = [appended.open(), appended.open()]
    first.add(entry(1))
    second.add(entry(1))
    first.close(false)
    second.close(true)
    expect(sequences).toEqual([1])
  })
})
