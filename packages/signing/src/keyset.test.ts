import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { prepareHmacKey } from './hmac-pads.ts'
import { createKeyset, Keyset, type PreparedSecret } from './keyset.ts'
import { signUserHash, verifyUserHash } from './user-hash.ts'

const secrets = ['first', 'second', 'third'].map((id) => ({ id, secret: `${id}-secret-of-16-or-more` }))

/** Tells how often a whole HMAC was computed with it: the outer pad is needed for the last step. */
class ObservedSecret implements PreparedSecret<string> {
  readonly id: string
  readonly innerPad: string
  readonly innerPadIsAscii: boolean
  readonly #outerPad: string
  computed = 0

  constructor(id: string, secret: string) {
    const { innerPad, outerPad, innerPadIsAscii } = prepareHmacKey(Buffer.from(secret))
    this.id = id
    this.innerPad = innerPad
    this.innerPadIsAscii = innerPadIsAscii
    this.#outerPad = outerPad
  }

  get outerPad(): string {
    this.computed++
    return this.#outerPad
  }
}

describe('a keyset', () => {
  it.each(['first', 'second', 'third'])('computes every secret once, also when the %s one matches', (signerId) => {
    const observed = secrets.map(({ id, secret }) => new ObservedSecret(id, secret))
    const userHash = signUserHash(`${signerId}-secret-of-16-or-more`, 'user_1')
    expect(verifyUserHash(new Keyset(observed), 'user_1', userHash)).toEqual({ verified: true, secretId: signerId })
    expect(observed.map(({ computed }) => computed)).toEqual([1, 1, 1])
  })

  it('computes every secret once when none matches', () => {
    const observed = secrets.map(({ id, secret }) => new ObservedSecret(id, secret))
    const userHash = signUserHash('none of them', 'user_1')
    expect(verifyUserHash(new Keyset(observed), 'user_1', userHash)).toEqual({ verified: false, reason: 'mismatch' })
    expect(observed.map(({ computed }) => computed)).toEqual([1, 1, 1])
  })

  it('answers with an id of whatever type it was given', () => {
    const id = { workspace: 7, secret: 12n }
    const answer = verifyUserHash(createKeyset([{ id, secret: 's' }]), 'user_1', signUserHash('s', 'user_1'))
    expect(answer.verified && answer.secretId).toBe(id)
  })

  it('answers with an id that is undefined or null', () => {
    for (const id of [undefined, null]) {
      const answer = verifyUserHash(createKeyset([{ id, secret: 's' }]), 'user_1', signUserHash('s', 'user_1'))
      expect(answer).toEqual({ verified: true, secretId: id })
    }
  })

  it('tells how many secrets it holds', () => {
    expect([createKeyset([]).size, createKeyset(secrets).size]).toEqual([0, 3])
  })

  it('stays as it was when the list it was made from changes', () => {
    const list = secrets.map((entry) => ({ ...entry }))
    const keyset = createKeyset(list)
    for (const entry of list) entry.secret = 'changed'
    list.length = 0
    expect(keyset.size).toBe(3)
    expect(verifyUserHash(keyset, 'user_1', signUserHash('first-secret-of-16-or-more', 'user_1')).verified).toBe(true)
  })

  it('shows no key material when printed or serialized', () => {
    const keyset = createKeyset(secrets)
    const { innerPad, outerPad } = prepareHmacKey(Buffer.from('first-secret-of-16-or-more'))
    const printed = [
      inspect(keyset, { depth: Infinity, showHidden: true, getters: true }),
      inspect({ keyset }, { customInspect: false, depth: Infinity, showHidden: true }),
      JSON.stringify({ keyset }),
      String(keyset),
      Object.getOwnPropertyNames(keyset).join(),
    ]
    expect(JSON.stringify(structuredClone(keyset))).toBe('{}')
    for (const text of printed) {
      expect(text).not.toContain('secret-of-16')
      expect(text).not.toContain(innerPad.slice(0, 16))
      expect(text).not.toContain(outerPad.slice(0, 16))
    }
  })

  it.each([
    ['an empty secret', '', 'secret must not be empty'],
    ['a secret with a lone surrogate', 'abc\ud800', 'secret holds a lone surrogate, which has no UTF-8 form'],
    ['a secret that is no string', 42, 'secret must be a string'],
    ['a missing secret', undefined, 'secret must be a string'],
  ])('is not made of %s', (_, secret, message) => {
    // What a caller without types may pass.
    const misuse = () => createKeyset([{ id: '1', secret: secret as string }])
    expect(misuse).toThrow(new TypeError(message))
  })
})

describe('filtering a keyset', () => {
  const keyset = createKeyset(secrets)
  const thirdHash = signUserHash('third-secret-of-16-or-more', 'user_1')

  it('leaves out what is not accepted', () => {
    const filtered = keyset.filter((id) => id !== 'third')
    expect(filtered.size).toBe(2)
    expect(verifyUserHash(filtered, 'user_1', thirdHash)).toEqual({ verified: false, reason: 'mismatch' })
  })

  it('leaves the keyset itself as it was', () => {
    keyset.filter(() => false)
    expect(verifyUserHash(keyset, 'user_1', thirdHash)).toEqual({ verified: true, secretId: 'third' })
  })

  it('answers with the very same keyset when all are accepted', () => {
    expect(keyset.filter(() => true)).toBe(keyset)
  })

  it('keeps the order', () => {
    const twins = createKeyset(['a', 'b', 'c'].map((id) => ({ id, secret: 'same' })))
    const answer = verifyUserHash(
      twins.filter((id) => id !== 'a'),
      'user_1',
      signUserHash('same', 'user_1'),
    )
    expect(answer).toEqual({ verified: true, secretId: 'b' })
  })

  it('down to nothing answers no_active_secret', () => {
    const answer = verifyUserHash(
      keyset.filter(() => false),
      'user_1',
      thirdHash,
    )
    expect(answer).toEqual({ verified: false, reason: 'no_active_secret' })
  })
})
