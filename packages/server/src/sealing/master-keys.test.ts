import { randomBytes } from 'node:crypto'
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createTemporaryDirectory } from '../../../../test-support/temporary-directory.ts'
import {
  type KeyOrigin,
  loadMasterKeys,
  MasterKeyError,
  type MasterKeySettings,
  makeMasterKeysFile,
  parseMasterKeys,
  readMasterKeysFile,
} from './master-keys.ts'
import { createSealer, type SealBinding } from './sealer.ts'

const origin: KeyOrigin = { nowMs: () => Date.parse('2026-03-01T23:59:59.999Z'), randomBytes }
const row: SealBinding = { workspaceId: 'ws_00000000000000000001', subjectId: '7', use: 'identity_secret' }
const isRoot = process.getuid?.() === 0

function freshKey(kid: string): { kty: string; kid: string; k: string } {
  return { kty: 'oct', kid, k: randomBytes(32).toString('base64url') }
}

function setOf(...keys: unknown[]): string {
  return JSON.stringify({ keys })
}

async function refusalError(attempt: () => unknown): Promise<MasterKeyError> {
  try {
    await attempt()
  } catch (error) {
    if (error instanceof MasterKeyError) return error
    throw error
  }
  return expect.unreachable('nothing was refused')
}

async function refusal(attempt: () => unknown): Promise<string> {
  const { message } = await refusalError(attempt)
  expect(message).not.toMatch(/[\r\n]/)
  return message
}

async function writeKeys(path: string, mode: string, json = setOf(freshKey('a'))): Promise<string> {
  await writeFile(path, json)
  await chmod(path, mode)
  return path
}

const remedy = 'give {"keys":[{"kty":"oct","kid":"<a name>","k":"<32 random bytes, base64url>"}]}'

describe('parseMasterKeys', () => {
  it('keeps the order of the set: the first seals', () => {
    const keys = parseMasterKeys(setOf(freshKey('b'), { ...freshKey('a'), alg: 'A256GCMKW', use: 'enc' }), 'S')
    expect(keys.map(({ kid }) => kid)).toEqual(['b', 'a'])
  })

  it.each<[string, string]>([
    ['', 'is not a JSON Web Key set'],
    ['{', 'is not a JSON Web Key set'],
    ['null', 'is not a JSON Web Key set'],
    ['[]', 'is not a JSON Web Key set'],
    ['{"keys":{}}', 'is not a JSON Web Key set'],
    [JSON.stringify(freshKey('a')), 'is not a JSON Web Key set'],
    [setOf(), 'holds no key'],
  ])('refuses %j in one line', async (json, what) => {
    expect(await refusal(() => parseMasterKeys(json, 'CUTOVER_MASTER_KEYS'))).toBe(
      `CUTOVER_MASTER_KEYS ${what}: ${remedy}`,
    )
  })

  const kid = 'needs a "kid" of 1 to 128 ASCII characters without spaces'
  const spelling = 'has a "k" that is not base64url without padding'
  it.each<[string, unknown, string]>([
    ['a key that is no object', 'text', 'is not an object'],
    ['another kty', { ...freshKey('a'), kty: 'EC' }, 'needs "kty":"oct"'],
    ['no kid', { ...freshKey('a'), kid: undefined }, kid],
    ['an empty kid', freshKey(''), kid],
    ['a kid that is a number', { ...freshKey('a'), kid: 1 }, kid],
    ['a kid with a line break', freshKey('a\nb'), kid],
    ['a kid of 129 characters', freshKey('a'.repeat(129)), kid],
    ['another alg', { ...freshKey('a'), alg: 'A256GCM' }, 'has an "alg" other than A256GCMKW'],
    ['no k', { ...freshKey('a'), k: undefined }, 'needs a "k"'],
    ['a k of 31 bytes', { ...freshKey('a'), k: randomBytes(31).toString('base64url') }, 'has a "k" of 31 bytes'],
    ['a k of 33 bytes', { ...freshKey('a'), k: randomBytes(33).toString('base64url') }, 'has a "k" of 33 bytes'],
    ['an empty k', { ...freshKey('a'), k: '' }, 'has a "k" of 0 bytes'],
    ['a k with padding', { ...freshKey('a'), k: Buffer.alloc(32, 251).toString('base64') }, spelling],
    ['a k in hexadecimal', { ...freshKey('a'), k: randomBytes(32).toString('hex') }, 'has a "k" of 48 bytes'],
    ['a k with a space in it', { ...freshKey('a'), k: ` ${freshKey('a').k}` }, spelling],
    ['a k with stray bits in its last character', { ...freshKey('a'), k: `${'A'.repeat(42)}B` }, spelling],
  ])('refuses %s, and says which key it is', async (_what, key, reason) => {
    const json = setOf(freshKey('first'), key)
    expect(await refusal(() => parseMasterKeys(json, 'S'))).toBe(
      `S has a key that cannot be used, number 2: it ${reason}: ${remedy}`,
    )
  })

  it('refuses two keys of one name, and one key under two names', async () => {
    const key = freshKey('a')
    expect(await refusal(() => parseMasterKeys(setOf(key, freshKey('a')), 'S'))).toBe(
      `S has two keys with the kid a: ${remedy}`,
    )
    expect(await refusal(() => parseMasterKeys(setOf(key, { ...key, kid: 'b' }), 'S'))).toBe(
      `S has one and the same key as a and as b: ${remedy}`,
    )
  })

  it('never shows key material, wherever in a broken set it stands', async () => {
    const { k } = freshKey('a')
    const broken = [
      k,
      `{"keys":[{"kty":"oct","k":"${k}"`,
      setOf(k),
      setOf({ kty: k }),
      setOf({ kty: 'oct', kid: `${k} ` }),
    ]
    broken.push(setOf({ kty: 'oct', kid: 'a', k, alg: k }), setOf({ kty: 'oct', kid: 'a', k: `${k}=` }), `{"${k}":1}`)
    for (const json of broken) {
      const error = await refusalError(() => parseMasterKeys(json, 'S'))
      expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(k.slice(0, 8))
    }
  })
})

describe('readMasterKeysFile', () => {
  it.each(['0600', '0400'])('takes a file of our own with mode %s', async (mode) => {
    await using directory = await createTemporaryDirectory()
    const path = await writeKeys(join(directory.path, 'keys.json'), mode)
    expect(await readMasterKeysFile(path, 'made_by_cutover')).toMatchObject({ source: path, warnings: [] })
  })

  it.each<[string, string]>([
    ['0640', '0640, so that others may read'],
    ['0604', '0604, so that others may read'],
    ['0644', '0644, so that others may read'],
    ['0620', '0620, so that others may change'],
    ['0666', '0666, so that others may change'],
  ])('refuses a file of our own with mode %s', async (mode, words) => {
    await using directory = await createTemporaryDirectory()
    const path = await writeKeys(join(directory.path, 'keys.json'), mode)
    expect(await refusal(() => readMasterKeysFile(path, 'made_by_cutover'))).toBe(
      `${path} has mode ${words} the master keys: chmod 600 ${path}`,
    )
  })

  it.each(['0600', '0400', '0640', '0440'])('takes an operator’s file with mode %s', async (mode) => {
    await using directory = await createTemporaryDirectory()
    const path = await writeKeys(join(directory.path, 'keys.json'), mode)
    expect(await readMasterKeysFile(path, 'placed_by_operator')).toMatchObject({ source: path, warnings: [] })
  })

  it.each(['0444', '0644'])(
    'takes an operator’s file with mode %s, and warns that everybody may read it',
    async (mode) => {
      await using directory = await createTemporaryDirectory()
      const path = await writeKeys(join(directory.path, 'keys.json'), mode)
      expect((await readMasterKeysFile(path, 'placed_by_operator')).warnings).toEqual([
        `${path} has mode ${mode}, so that others may read the master keys: chmod 600 ${path}`,
      ])
    },
  )

  it.each(['0620', '0660', '0602', '0666'])(
    'refuses an operator’s file that others may change, mode %s',
    async (mode) => {
      await using directory = await createTemporaryDirectory()
      const path = await writeKeys(join(directory.path, 'keys.json'), mode)
      expect(await refusal(() => readMasterKeysFile(path, 'placed_by_operator'))).toMatch(
        /so that others may change the master keys: chmod 600 /,
      )
    },
  )

  it('follows the symbolic links of a Kubernetes mount, and judges the file behind them', async () => {
    await using directory = await createTemporaryDirectory()
    await mkdir(join(directory.path, '..2026'))
    await writeKeys(join(directory.path, '..2026', 'keys.json'), '0640')
    await symlink('..2026', join(directory.path, '..data'))
    const path = join(directory.path, 'keys.json')
    await symlink('..data/keys.json', path)
    expect((await readMasterKeysFile(path, 'placed_by_operator')).warnings).toEqual([])
    await chmod(join(directory.path, '..2026', 'keys.json'), '0666')
    expect(await refusal(() => readMasterKeysFile(path, 'placed_by_operator'))).toContain('has mode 0666')
  })

  it('says in one line what is wrong with a file that is missing, a directory, or malformed', async () => {
    await using directory = await createTemporaryDirectory()
    const missing = join(directory.path, 'two\nlines.json')
    expect(await refusal(() => readMasterKeysFile(missing, 'placed_by_operator'))).toBe(
      `${JSON.stringify(missing)} does not exist: put the master keys there`,
    )
    expect(await refusal(() => readMasterKeysFile(directory.path, 'placed_by_operator'))).toBe(
      `${directory.path} cannot be read (EISDIR): let the user that runs Cutover read this file`,
    )
    const malformed = await writeKeys(join(directory.path, 'keys.json'), '0600', '{"keys":')
    expect(await refusal(() => readMasterKeysFile(malformed, 'placed_by_operator'))).toBe(
      `${malformed} is not a JSON Web Key set: ${remedy}`,
    )
  })

  it('says in one line that a file may not be read', async () => {
    await using directory = await createTemporaryDirectory()
    const path = await writeKeys(join(directory.path, 'keys.json'), '0000')
    if (isRoot) process.seteuid?.(65534)
    onTestFinished(() => {
      if (isRoot) process.seteuid?.(0)
    })
    const message = await refusal(() => readMasterKeysFile(path, 'placed_by_operator'))
    if (isRoot) process.seteuid?.(0)
    expect(message).toBe(`${path} cannot be read (EACCES): let the user that runs Cutover read this file`)
  })
})

describe('makeMasterKeysFile', () => {
  it('makes one 32-byte key that names its day, in a file of 0600 in a directory of 0700, and leaves no draft', async () => {
    await using directory = await createTemporaryDirectory()
    const dataDirectory = join(directory.path, 'new', 'data')
    const path = join(dataDirectory, 'master-keys.json')
    await makeMasterKeysFile(path, origin)
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({
      keys: [
        {
          kty: 'oct',
          kid: expect.stringMatching(/^2026-03-01-[0-9a-f]{8}$/),
          alg: 'A256GCMKW',
          k: expect.stringMatching(/^[\w-]{43}$/),
        },
      ],
    })
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await stat(dataDirectory)).mode & 0o777).toBe(0o700)
    expect(await readdir(dataDirectory)).toEqual(['master-keys.json'])
  })

  it('never changes a file that is there', async () => {
    await using directory = await createTemporaryDirectory()
    const path = await writeKeys(join(directory.path, 'master-keys.json'), '0600')
    const before = await readFile(path, 'utf8')
    await makeMasterKeysFile(path, origin)
    expect(await readFile(path, 'utf8')).toBe(before)
    expect(await readdir(directory.path)).toEqual(['master-keys.json'])
  })

  it('says in one line that it cannot write', async () => {
    await using directory = await createTemporaryDirectory()
    const path = join(await writeKeys(join(directory.path, 'a-file'), '0600'), 'master-keys.json')
    expect(await refusal(() => makeMasterKeysFile(path, origin))).toMatch(
      /a-file\/master-keys\.json cannot be made \((EEXIST|ENOTDIR)\): let Cutover write there, or set CUTOVER_MASTER_KEYS_FILE/,
    )
  })
})

describe('loadMasterKeys', () => {
  const load = (settings: MasterKeySettings) => loadMasterKeys(settings, origin)

  it('takes the keys of CUTOVER_MASTER_KEYS and writes nothing', async () => {
    await using directory = await createTemporaryDirectory()
    const { masterKeys, source } = await load({
      json: setOf(freshKey('mine')),
      dataDirectory: directory.path,
      storeIsNew: true,
    })
    expect(masterKeys.map(({ kid }) => kid)).toEqual(['mine'])
    expect(source).toBe('CUTOVER_MASTER_KEYS')
    expect(await readdir(directory.path)).toEqual([])
  })

  it('takes the keys of CUTOVER_MASTER_KEYS_FILE over those of the data directory', async () => {
    await using directory = await createTemporaryDirectory()
    await writeKeys(join(directory.path, 'master-keys.json'), '0600', setOf(freshKey('ours')))
    const file = await writeKeys(join(directory.path, 'theirs.json'), '0600', setOf(freshKey('theirs')))
    const { masterKeys, source } = await load({ file, dataDirectory: directory.path, storeIsNew: false })
    expect(masterKeys.map(({ kid }) => kid)).toEqual(['theirs'])
    expect(source).toBe(file)
  })

  it('refuses two places at once', async () => {
    expect(await refusal(() => load({ json: '', file: '', dataDirectory: '/nowhere', storeIsNew: true }))).toBe(
      'CUTOVER_MASTER_KEYS and CUTOVER_MASTER_KEYS_FILE are both set: keep one of them',
    )
  })

  it('makes no key in place of a setting that arrived empty or names no file', async () => {
    await using directory = await createTemporaryDirectory()
    const at = { dataDirectory: directory.path, storeIsNew: true }
    const missing = join(directory.path, 'missing.json')
    expect(await refusal(() => load({ json: '', ...at }))).toBe(
      `CUTOVER_MASTER_KEYS is not a JSON Web Key set: ${remedy}`,
    )
    expect(await refusal(() => load({ file: '', ...at }))).toBe('"" does not exist: put the master keys there')
    expect(await refusal(() => load({ file: missing, ...at }))).toBe(
      `${missing} does not exist: put the master keys there`,
    )
    expect(await readdir(directory.path)).toEqual([])
  })

  it('makes a key for a new store, once, and finds it again', async () => {
    await using directory = await createTemporaryDirectory()
    const first = await load({ dataDirectory: directory.path, storeIsNew: true })
    const sealed = await createSealer(first.masterKeys).seal('a secret', row)
    const again = await load({ dataDirectory: directory.path, storeIsNew: false })
    expect(await createSealer(again.masterKeys).open(sealed, row)).toBe('a secret')
    expect(first).toMatchObject({ source: join(directory.path, 'master-keys.json'), warnings: [] })
  })

  it('never makes another key for a store that holds data, and writes nothing', async () => {
    await using directory = await createTemporaryDirectory()
    expect(await refusal(() => load({ dataDirectory: directory.path, storeIsNew: false }))).toBe(
      `${join(directory.path, 'master-keys.json')} is missing, and what this store holds is sealed with the keys that were in it: put it back from your backup, or set CUTOVER_MASTER_KEYS or CUTOVER_MASTER_KEYS_FILE to those keys`,
    )
    expect(await readdir(directory.path)).toEqual([])
  })

  it('refuses its own file when others may read it', async () => {
    await using directory = await createTemporaryDirectory()
    await writeKeys(join(directory.path, 'master-keys.json'), '0644')
    expect(await refusal(() => load({ dataDirectory: directory.path, storeIsNew: false }))).toContain('has mode 0644')
  })

  it('gives twenty processes that start at once one and the same key', async () => {
    await using directory = await createTemporaryDirectory()
    const started = await Promise.all(
      Array.from({ length: 20 }, () => load({ dataDirectory: directory.path, storeIsNew: true })),
    )
    const sealed = await Promise.all(started.map(({ masterKeys }) => createSealer(masterKeys).seal('a secret', row)))
    const { masterKeys } = await load({ dataDirectory: directory.path, storeIsNew: false })
    for (const each of sealed) expect(await createSealer(masterKeys).open(each, row)).toBe('a secret')
    expect(await readdir(directory.path)).toEqual(['master-keys.json'])
  })
})
