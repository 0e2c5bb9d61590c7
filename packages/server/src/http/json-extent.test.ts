import { limits } from '@cutover/contract'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { excessOf } from './json-extent.ts'

const ofText = (json: string) => excessOf(Buffer.from(json))
const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`

/** As it is found in the value itself. */
function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Math.max(0, ...Object.values(value).map(depthOf))
}

describe('what is too much of a body', () => {
  it('is the 33rd level, of lists and of objects', () => {
    expect(ofText(nested(limits.bodyDepth))).toBeNull()
    expect(ofText(nested(limits.bodyDepth + 1))).toBe('depth')
    expect(ofText(`${'{"a":'.repeat(limits.bodyDepth)}0${'}'.repeat(limits.bodyDepth)}`)).toBeNull()
    expect(ofText(`${'{"a":'.repeat(limits.bodyDepth + 1)}0`)).toBe('depth')
    expect(ofText('['.repeat(500_000))).toBe('depth')
  })

  it('is more than 25,000 names, objects and lists', () => {
    const named = (count: number) => `{${Array.from({ length: count }, (_, index) => `"${index}":0`).join()}}`
    expect(ofText(named(limits.bodyMembers - 1))).toBeNull()
    expect(ofText(named(limits.bodyMembers))).toBe('members')
    expect(ofText(`[${'{},'.repeat(limits.bodyMembers)}0]`)).toBe('members')
    expect(ofText(`[${'[],'.repeat(limits.bodyMembers)}0]`)).toBe('members')
  })

  it('is nothing that strings hold', () => {
    const text = JSON.stringify({ '[{:': '\\"[[[{{{:::"\\'.repeat(10_000) })
    expect(ofText(text)).toBeNull()
    expect(ofText(`[${text},${nested(limits.bodyDepth - 1)}]`)).toBeNull()
    expect(ofText(`[${text},${nested(limits.bodyDepth)}]`)).toBe('depth')
  })

  it('is found as in the value that was written', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 40 }), fc.integer({ min: 0, max: 34 }), (value, levels) => {
        let wrapped: unknown = value
        for (let level = 0; level < levels; level += 1) wrapped = level % 2 === 0 ? [wrapped] : { 'a"\\': wrapped }
        expect(ofText(JSON.stringify(wrapped))).toBe(depthOf(wrapped) > limits.bodyDepth ? 'depth' : null)
      }),
    )
  })
})
