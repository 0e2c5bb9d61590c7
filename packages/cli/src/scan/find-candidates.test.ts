import { tokenChecksum } from '@cutover/signing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Candidate, CandidateFinder } from './find-candidates.ts'

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const digits = (length: number) => fc.string({ unit: fc.constantFrom(...base62), minLength: length, maxLength: length })
const accessToken = digits(32).map((random) => `cut_${random}${tokenChecksum(random)}`)
const integratorSecret = digits(43).map((random) => `ints_${random}${tokenChecksum(random)}`)
const identitySecret = fc.string({ unit: fc.constantFrom(...base62, '-', '_'), minLength: 43, maxLength: 43 })
const runOf = (length: number) => 'x'.repeat(length)

/** Text in which runs of any length come near those of a secret, with whatever may stand next to them. */
const piece = fc.oneof(
  { weight: 2, arbitrary: accessToken },
  { weight: 2, arbitrary: integratorSecret },
  { weight: 2, arbitrary: identitySecret },
  {
    weight: 3,
    arbitrary: fc.constantFrom('\n', '\r\n', ' ', '"', '=', '%3D', '=3D', '\\n', '\\u003d', '\\x3d', '\\', '%', '\xff'),
  },
  { weight: 1, arbitrary: fc.constantFrom('cut_', 'ints_', 'cut_cut_', '-', '_', 'a') },
  { weight: 1, arbitrary: fc.integer({ min: 30, max: 60 }).map(runOf) },
  { weight: 1, arbitrary: fc.integer({ min: 61, max: 300 }).map(runOf) },
)
const text = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(''))
const chunkLengths = fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1 })

function find(bytes: Buffer, lengths: readonly number[] = [bytes.length || 1]): Candidate[] {
  const found: Candidate[] = []
  const finder = new CandidateFinder((candidate) => found.push(candidate))
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const length = lengths[turn % lengths.length] ?? 1
    finder.push(bytes.subarray(at, at + length))
    at += length
  }
  finder.end()
  return inOrder(found)
}

/** The same, by regular expressions over the whole. */
function findSlowly(whole: string): Candidate[] {
  const found: Candidate[] = []
  const add = (kind: Candidate['kind'], at: number, candidate: string) =>
    found.push({ kind, text: candidate, line: whole.slice(0, at).split('\n').length })
  for (const { index, 1: token = '' } of whole.matchAll(/(?=(cut_[0-9A-Za-z]{38}))/g)) {
    if (token.endsWith(tokenChecksum(token.slice(4, -6)))) add('access_token', index, token)
  }
  for (const { index, 1: token = '' } of whole.matchAll(/(?=(ints_[0-9A-Za-z]{49}))/g)) {
    if (token.endsWith(tokenChecksum(token.slice(5, -6)))) add('integrator_secret', index, token)
  }
  const identity =
    /(?:(?<![\w-])|(?<=%[0-9A-Fa-f]{2})|(?<==[0-9A-F]{2})|(?<=\\(?:[abefnrtv0]|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4})))[\w-]{43}(?![\w-])/g
  for (const { index, 0: secret } of whole.matchAll(identity)) add('identity_secret', index, secret)
  return inOrder(found)
}

function inOrder(candidates: readonly Candidate[]): Candidate[] {
  const key = ({ kind, text, line }: Candidate) => `${String(line).padStart(9)} ${kind} ${text}`
  return [...candidates].sort((a, b) => (key(a) < key(b) ? -1 : 1))
}

describe('candidates for a secret', () => {
  it('are found wherever they are planted, in chunks of any size, and nothing else is', () => {
    fc.assert(
      fc.property(text, chunkLengths, (whole, lengths) => {
        expect(find(Buffer.from(whole, 'latin1'), lengths)).toEqual(findSlowly(whole))
      }),
      { numRuns: 3000 },
    )
  })

  it('are found next to any byte, at either end of the text', () => {
    const byte = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code))
    const secret = fc.oneof(accessToken, integratorSecret, identitySecret)
    fc.assert(
      fc.property(secret, byte, byte, chunkLengths, (planted, before, after, lengths) => {
        for (const whole of [planted, before + planted, planted + after, before + planted + after]) {
          expect(find(Buffer.from(whole, 'latin1'), lengths)).toEqual(findSlowly(whole))
        }
      }),
    )
  })

  it('are each found once, where chunks end at every place within them', () => {
    const random = 'Zt5jW0mPq8sLr2vKc7xBn4yHd1gFa9eU'
    const token = `cut_${random}${tokenChecksum(random)}`
    const secret = '9Zw0xNs3vKk0fPz9rwKqNbzH3mPVQmQxL9vhSm9Tk4A'
    const whole = Buffer.from(`a\n${token}\n"${secret}"\n${'x'.repeat(200)}${token}${'y'.repeat(200)}`)
    const expected: Candidate[] = [
      { kind: 'access_token', text: token, line: 2 },
      { kind: 'identity_secret', text: secret, line: 3 },
      { kind: 'access_token', text: token, line: 4 },
    ]
    for (let length = 1; length <= whole.length; length++) expect(find(whole, [length])).toEqual(expected)
  })

  it.each([
    [
      'with one digit changed',
      (token: string) => `${token.slice(0, 10)}${token[10] === 'a' ? 'b' : 'a'}${token.slice(11)}`,
    ],
    ['cut short', (token: string) => token.slice(0, -1)],
    ['with another prefix', (token: string) => `cat_${token.slice(4)}`],
  ])('are no tokens %s', (_, change) => {
    const random = 'Zt5jW0mPq8sLr2vKc7xBn4yHd1gFa9eU'
    const tokens = find(Buffer.from(change(`cut_${random}${tokenChecksum(random)}`)))
    expect(tokens.filter(({ kind }) => kind !== 'identity_secret')).toEqual([])
  })
})
