import { createSecretKey, randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { CompactEncrypt, decodeProtectedHeader } from 'jose'
import { describe, expect, it } from 'vitest'
import { type MasterKeys, parseMasterKeys } from './master-keys.ts'
import {
  createSealer,
  type SealBinding,
  SealError,
  type SealErrorCode,
  type Sealer,
  sealedBeginning,
} from './sealer.ts'

const row: SealBinding = { workspaceId: 'ws_00000000000000000001', subjectId: '7', use: 'identity_secret' }
const k = randomBytes(32)
const masterKeys = keysOf({ first: k })
const sealer = createSealer(masterKeys)

function keysOf(material: Readonly<Record<string, Uint8Array>>): MasterKeys {
  const keys = Object.entries(material).map(([kid, bytes]) => ({
    kty: 'oct',
    kid,
    k: Buffer.from(bytes).toString('base64url'),
  }))
  return parseMasterKeys(JSON.stringify({ keys }), 'keys of this test')
}

async function refusal(by: Sealer, sealed: string, binding = row): Promise<SealErrorCode> {
  const error = await by.open(sealed, binding).then(
    () => expect.unreachable('it opened'),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof SealError)) throw error
  return error.code
}

/** What a holder of the master key could make that createSealer never does. */
function forge(
  header: Readonly<Record<string, unknown>>,
  manage: (encrypt: CompactEncrypt) => CompactEncrypt = (encrypt) => encrypt,
): Promise<string> {
  const bound = { kid: 'first', wid: row.workspaceId, sid: row.subjectId, use: row.use }
  const encrypt = new CompactEncrypt(new TextEncoder().encode('forged'))
  encrypt.setProtectedHeader({ ...bound, alg: 'A256GCMKW', enc: 'A256GCM', ...header } as never) // jose's own unions
  return manage(encrypt).encrypt(createSecretKey(k))
}

describe('a sealed value', () => {
  it('shows in its beginning which key sealed it, whatever is sealed, and whatever the other key is called', async () => {
    const kid = fc.stringMatching(/^[\x21-\x7e]{1,128}$/)
    const related = kid.chain((a) =>
      fc.tuple(fc.constant(a), fc.oneof(kid, fc.constant(`${a}x`), fc.constant(a.slice(0, -1)))),
    )
    const pairs = related.filter(([a, b]) => a !== b && b !== '')
    await fc.assert(
      fc.asyncProperty(pairs, fc.string({ unit: 'grapheme' }), fc.string(), async ([a, b], text, subjectId) => {
        const two = createSealer(keysOf({ [a]: k, [b]: randomBytes(32) }))
        const byA = await two.seal(text, { ...row, subjectId }, a)
        const byB = await two.seal(text, { ...row, subjectId }, b)
        expect([byA.startsWith(sealedBeginning(a)), byA.startsWith(sealedBeginning(b))]).toEqual([true, false])
        expect([byB.startsWith(sealedBeginning(a)), byB.startsWith(sealedBeginning(b))]).toEqual([false, true])
      }),
    )
  })

  it('is by the key that was asked for, else by the first, and never by one that is not there', async () => {
    const two = createSealer(keysOf({ first: k, second: randomBytes(32) }))
    expect(decodeProtectedHeader(await two.seal('a secret', row)).kid).toBe('first')
    expect(decodeProtectedHeader(await two.seal('a secret', row, 'second')).kid).toBe('second')
    await expect(two.seal('a secret', row, 'third')).rejects.toThrow('a master key was to seal that is not configured')
  })

  it('is a JWE of A256GCMKW and A256GCM that names its key, workspace, row and use, and nothing else', async () => {
    const sealed = await sealer.seal('a secret', row)
    expect(decodeProtectedHeader(sealed)).toEqual({
      alg: 'A256GCMKW',
      enc: 'A256GCM',
      kid: 'first',
      wid: 'ws_00000000000000000001',
      sid: '7',
      use: 'identity_secret',
      iv: expect.stringMatching(/^[\w-]{16}$/),
      tag: expect.stringMatching(/^[\w-]{22}$/),
    })
    expect(sealed.split('.')).toHaveLength(5)
  })

  it('opens to exactly what was sealed, whatever text that is', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 300 })
    await fc.assert(
      fc.asyncProperty(text, text, text, async (plaintext, workspaceId, subjectId) => {
        const binding: SealBinding = { workspaceId, subjectId, use: 'idempotent_response' }
        expect(await sealer.open(await sealer.seal(plaintext, binding), binding)).toBe(plaintext)
      }),
    )
    expect(await sealer.open(await sealer.seal('\ufeffBOM', row), row)).toBe('\ufeffBOM')
  })

  it('is never the same twice', async () => {
    const sealed = await Promise.all(Array.from({ length: 100 }, () => sealer.seal('a secret', row)))
    for (const part of [1, 2, 3, 4]) expect(new Set(sealed.map((each) => each.split('.')[part])).size).toBe(100)
  })

  it('is refused for a text that would not come back the same', async () => {
    await expect(sealer.seal('\ud800', row)).rejects.toThrow(
      new TypeError('A text with a lone surrogate would not come back the same'),
    )
  })

  it.each<[string, Partial<SealBinding>]>([
    ['workspace', { workspaceId: 'ws_00000000000000000002' }],
    ['row', { subjectId: '8' }],
    ['use', { use: 'idempotent_response' }],
  ])('does not open when it was moved to another %s', async (_what, elsewhere) => {
    const sealed = await sealer.seal('a secret', row)
    expect(await refusal(sealer, sealed, { ...row, ...elsewhere })).toBe('binding_mismatch')
  })

  it('does not open with any one character changed, removed or added', async () => {
    const sealed = await sealer.seal('a secret', row)
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    for (let at = 0; at < sealed.length; at++) {
      const [before, after] = [sealed.slice(0, at), sealed.slice(at + 1)]
      const next = alphabet[(alphabet.indexOf(sealed.charAt(at)) + 1) % alphabet.length]
      for (const other of [next, '', '.', '=', ' ', '\n', `${sealed.charAt(at)}\n`, `${sealed.charAt(at)}A`]) {
        const changed = `${before}${other}${after}`
        if (changed !== sealed)
          expect(await refusal(sealer, changed), changed).toMatch(/^(damaged|unknown_master_key)$/)
      }
    }
  })

  it('does not open with any other last character of a part', async () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    // Texts of three lengths, so that parts end in one, two and three bytes.
    for (const text of ['a secret', 'a secret!', 'a secret!!']) {
      const parts = (await sealer.seal(text, row)).split('.')
      for (const [index, part] of parts.entries()) {
        for (const last of [...alphabet].filter((each) => !part.endsWith(each))) {
          const changed = parts.with(index, `${part.slice(0, -1)}${last}`).join('.')
          expect(await refusal(sealer, changed), changed).toBe('damaged')
        }
      }
    }
  })

  it('does not open with any one bit flipped in what its parts decode to', async () => {
    const parts = (await sealer.seal('a secret', row)).split('.').map((part) => Buffer.from(part, 'base64url'))
    for (const [index, part] of parts.entries()) {
      for (let bit = 0; bit < part.length * 8; bit++) {
        const flipped = Buffer.from(part)
        flipped[bit >> 3] = (part[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        const changed = parts.with(index, flipped).map((each) => each.toString('base64url'))
        expect(await refusal(sealer, changed.join('.'))).toMatch(/^(damaged|unknown_master_key)$/)
      }
    }
  })

  it('does not open with its parts exchanged for those of another, or cut short', async () => {
    const one = (await sealer.seal('a secret', row)).split('.')
    const other = (await sealer.seal('b secret', row)).split('.')
    for (const index of one.keys()) {
      expect(await refusal(sealer, one.with(index, other[index] ?? '').join('.'))).toBe('damaged')
      expect(await refusal(sealer, one.with(index, one[index]?.slice(0, -4) ?? '').join('.'))).toBe('damaged')
      expect(await refusal(sealer, one.with(index, '').join('.'))).toBe('damaged')
    }
  })

  it.each(['', '.', '....', 'a.b.c.d.e', '{}', '\0', 'ö.ö.ö.ö.ö'])('is not %j', async (sealed) => {
    expect(await refusal(sealer, sealed)).toBe('damaged')
  })
})

describe('master keys', () => {
  it('seal by the first and open by all', async () => {
    const old = randomBytes(32)
    const before = createSealer(keysOf({ old }))
    const during = createSealer(keysOf({ new: randomBytes(32), old }))
    expect(await during.open(await before.seal('a secret', row), row)).toBe('a secret')
    expect(decodeProtectedHeader(await during.seal('a secret', row)).kid).toBe('new')
  })

  it('that are not configured are named as the reason', async () => {
    const sealed = await createSealer(keysOf({ gone: k })).seal('a secret', row)
    expect(await refusal(sealer, sealed)).toBe('unknown_master_key')
  })

  it('of the same name but other bytes open nothing', async () => {
    const sealed = await createSealer(keysOf({ first: randomBytes(32) })).seal('a secret', row)
    expect(await refusal(sealer, sealed)).toBe('damaged')
  })
})

describe('a JWE made by somebody who has the master key', () => {
  it('opens when it is what Cutover makes', async () => {
    expect(await sealer.open(await forge({}), row)).toBe('forged')
  })

  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['a direct key', { alg: 'dir' }],
    ['another key wrap', { alg: 'A256KW' }],
    ['a password', { alg: 'PBES2-HS256+A128KW' }],
    ['another content encryption', { enc: 'A128CBC-HS256' }],
    ['a shorter content key', { enc: 'A128GCM' }],
    ['compression', { zip: 'DEF' }],
    ['no kid', { kid: undefined }],
  ])('is refused when it uses %s', async (what, header) => {
    expect(await refusal(sealer, await forge(header))).toBe(what === 'no kid' ? 'unknown_master_key' : 'damaged')
  })

  it('is refused without a single round of PBKDF2 when it asks for two thousand million', async () => {
    const [header = '', ...rest] = (
      await forge({ alg: 'PBES2-HS256+A128KW' }, (encrypt) => encrypt.setKeyManagementParameters({ p2c: 1000 }))
    ).split('.')
    const costly = { ...JSON.parse(Buffer.from(header, 'base64url').toString()), p2c: 2_000_000_000 }
    const sealed = [Buffer.from(JSON.stringify(costly)).toString('base64url'), ...rest].join('.')
    const startedMs = performance.now()
    expect(await refusal(sealer, sealed)).toBe('damaged')
    expect(performance.now() - startedMs).toBeLessThan(1000)
  })

  it('is refused when its header asks for an extension to be understood', async () => {
    const [header = '', ...rest] = (await forge({})).split('.')
    const critical = { ...JSON.parse(Buffer.from(header, 'base64url').toString()), crit: ['exp'], exp: 1 }
    const sealed = [Buffer.from(JSON.stringify(critical)).toString('base64url'), ...rest].join('.')
    expect(await refusal(sealer, sealed)).toBe('damaged')
  })
})

describe('an error', () => {
  it('holds neither plaintext nor key nor sealed bytes, in message, cause and stack', async () => {
    const plaintext = 'canary-plaintext-canary'
    const sealed = await sealer.seal(plaintext, row)
    const parts = sealed.split('.')
    const attempts = [
      sealer.open(sealed, { ...row, subjectId: '8' }),
      sealer.open(parts.with(4, parts[2] ?? '').join('.'), row),
      sealer.open(parts.with(0, Buffer.from('{"alg"').toString('base64url')).join('.'), row),
      createSealer(keysOf({ other: randomBytes(32) })).open(sealed, row),
      createSealer(keysOf({ first: randomBytes(32) })).open(sealed, row),
    ]
    for (const attempt of await Promise.allSettled(attempts)) {
      if (attempt.status === 'fulfilled') expect.unreachable('it opened')
      const shown = inspect(attempt.reason, { depth: 10 })
      for (const canary of [plaintext, k.toString('base64url'), k.toString('hex'), ...parts.slice(1)]) {
        expect(shown).not.toContain(canary)
      }
    }
  })

  it('says in its message what does not open and why', async () => {
    const sealed = await sealer.seal('a secret', row)
    await expect(sealer.open(sealed, { ...row, subjectId: '8' })).rejects.toThrow(
      'A sealed identity_secret does not open: it was sealed for another row, workspace or use',
    )
  })

  it('of a key does not exist: a key cannot be printed', () => {
    const shown = inspect(masterKeys, { depth: 10, showHidden: true }) + JSON.stringify(masterKeys)
    expect(shown).not.toContain(k.toString('base64url'))
    expect(shown).not.toContain(k.toString('hex'))
    expect(masterKeys[0].key.extractable).toBe(false)
  })
})
