import { randomInt } from 'node:crypto'
import { tokenChecksum } from '@cutover/signing'
import { describe, expect, it } from 'vitest'
import { runCutover } from './run-cutover.ts'

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

const { stdout, code } = await runCutover(['scan', '--rules', 'gitleaks'])
const rules = stdout
  .split('[[rules]]')
  .slice(1)
  .map((rule) => ({
    pattern: new RegExp(/^regex = '''(.*)'''$/m.exec(rule)?.[1] ?? '$.'),
    keyword: /^keywords = \["(.*)"\]$/m.exec(rule)?.[1] ?? '?',
    leastEntropy: Number(/^entropy = (.*)$/m.exec(rule)?.[1]),
  }))

/** In bits for each character, of the whole match: how that scanner reckons. */
function entropyOf(text: string): number {
  const counts = Object.values(Object.groupBy(text, (char) => char)).map((chars) => chars?.length ?? 0)
  return counts.reduce((sum, count) => sum - (count / text.length) * Math.log2(count / text.length), 0)
}

describe('the rules for gitleaks', () => {
  it('are one for access tokens and one for integrator secrets', () => {
    expect([code, rules.map(({ keyword }) => keyword)]).toEqual([0, ['cut_', 'ints_']])
  })

  it.each([
    ['access tokens', 0, 'cut_', 32],
    ['integrator secrets', 1, 'ints_', 43],
  ])('find %s as they are drawn, next to anything', (_, index, prefix, length) => {
    const rule = rules[index]
    for (let turn = 0; turn < 5000; turn++) {
      const digits = randomDigits(length)
      const text = `${prefix}${digits}${tokenChecksum(digits)}`
      expect(rule?.pattern.exec(`a${text}z`)?.[0]).toBe(text)
      expect(entropyOf(text)).toBeGreaterThan(rule?.leastEntropy ?? Number.POSITIVE_INFINITY)
    }
  })
})

function randomDigits(length: number): string {
  return Array.from({ length }, () => base62[randomInt(base62.length)]).join('')
}
