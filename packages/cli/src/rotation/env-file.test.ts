import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { withVariable } from './env-file.ts'

describe('withVariable', () => {
  it.each([
    ['an empty file', '', 'A=new\n'],
    ['a file without it', 'B=1\n', 'B=1\nA=new\n'],
    ['a last line without a line break', 'B=1', 'B=1\nA=new\n'],
    ['an assignment', 'A=old\nB=1\n', 'A=new\nB=1\n'],
    ['spaces and quotes around the old value', "  A = 'old' \nB=1\n", '  A=new\nB=1\n'],
    ['an export', 'export A=old\n', 'export A=new\n'],
    ['several assignments, whichever is read', 'A=1\nA=2\n', 'A=new\nA=new\n'],
    ['an old value over several lines', 'A="one\ntwo"\nB=1\n', 'A=new\nB=1\n'],
    ['a line inside another value that looks like it', 'B="\nA=no\n"\nA=old\n', 'B="\nA=no\n"\nA=new\n'],
    ['a quote that is never closed', 'B="\nA=old\n', 'B="\nA=new\n'],
    ['a comment that speaks of it', '# A=old\n', '# A=old\nA=new\n'],
    ['a longer name that ends like it', 'XA=1\nAX=2\n', 'XA=1\nAX=2\nA=new\n'],
    ['line breaks of Windows', 'A=old\r\nB=1\r\n', 'A=new\r\nB=1\r\n'],
  ])('sets it in %s', (_case, before, after) => {
    expect(withVariable(before, 'A', 'new')).toBe(after)
  })

  it('leaves every line of any file as it was but those that assign it, and is at rest when done twice', () => {
    const line = fc.stringMatching(/^(#.*|[B-F]=[\w ]*|)$/)
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const before = lines.map((each) => `${each}\n`).join('')
        const after = withVariable(before, 'A', 'new')
        expect(after).toBe(`${before}A=new\n`)
        expect(withVariable(after, 'A', 'new')).toBe(after)
      }),
    )
  })
})
