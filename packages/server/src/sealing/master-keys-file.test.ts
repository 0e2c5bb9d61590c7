import { randomBytes } from 'node:crypto'
import { chmod, lstat, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createTemporaryDirectory } from '../../../../test-support/temporary-directory.ts'
import { MasterKeyError, parseMasterKeys } from './master-keys.ts'
import { replaceMasterKeysFile, withNewKey, withoutKeys, writeMasterKeysTo } from './master-keys-file.ts'

const origin = { nowMs: () => Date.parse('2026-11-21T12:00:00Z'), randomBytes }
const old = { kty: 'oct', kid: 'old', k: randomBytes(32).toString('base64url'), note: 'of the first year' }
const set = JSON.stringify({ purpose: 'cutover', keys: [old] })

async function keysFile(mode: number): Promise<string> {
  const directory = await createTemporaryDirectory()
  onTestFinished(() => directory.remove())
  const path = join(directory.path, 'keys.json')
  await writeFile(path, set)
  await chmod(path, mode)
  return path
}

it('puts a new key in front of a set and leaves the rest of it as it is', () => {
  const { json, kid } = withNewKey(set, origin)
  expect(kid).toMatch(/^2026-11-21-[0-9a-f]{8}$/)
  expect(parseMasterKeys(json, 'S').map((key) => key.kid)).toEqual([kid, 'old'])
  expect(JSON.parse(json)).toMatchObject({ purpose: 'cutover', keys: [{ kid }, old] })
  expect(JSON.parse(withoutKeys(json, ['old']))).toMatchObject({ purpose: 'cutover', keys: [{ kid }] })
  expect(JSON.parse(withoutKeys(json, [kid]))).toEqual(JSON.parse(set))
})

it.each([0o600, 0o640])(
  'writes a file in the place of another, with its mode %o, and leaves no draft',
  async (mode) => {
    const path = await keysFile(mode)
    await replaceMasterKeysFile(path, set, 'another', origin)
    expect(await readFile(path, 'utf8')).toBe('another')
    expect((await stat(path)).mode & 0o777).toBe(mode)
    expect(await readdir(dirname(path))).toEqual(['keys.json'])
  },
)

it.skipIf(process.getuid?.() !== 0)('keeps the owner and the group of a file', async () => {
  const path = await keysFile(0o640)
  const { chown } = await import('node:fs/promises')
  await chown(path, 12345, 23456)
  await replaceMasterKeysFile(path, set, 'another', origin)
  expect(await stat(path)).toMatchObject({ uid: 12345, gid: 23456, mode: 0o100640 })
})

it('follows a symbolic link, which stays one', async () => {
  const path = await keysFile(0o600)
  const link = join(dirname(path), 'link.json')
  await symlink(path, link)
  await replaceMasterKeysFile(link, set, 'another', origin)
  expect((await lstat(link)).isSymbolicLink()).toBe(true)
  expect(await readFile(path, 'utf8')).toBe('another')
})

it('does not write over what somebody else has changed meanwhile', async () => {
  const path = await keysFile(0o600)
  await expect(replaceMasterKeysFile(path, 'what was read', 'another', origin)).rejects.toThrow(
    new MasterKeyError(`${path} was changed by somebody else just now: look at it, and try again`),
  )
  expect(await readFile(path, 'utf8')).toBe(set)
  expect(await readdir(dirname(path))).toEqual(['keys.json'])
})

it('writes a set elsewhere for its owner alone, and never over another file', async () => {
  const path = await keysFile(0o600)
  const out = join(dirname(path), 'out.json')
  await writeMasterKeysTo(out, 'another')
  expect((await stat(out)).mode & 0o777).toBe(0o600)
  await expect(writeMasterKeysTo(out, 'a third')).rejects.toThrow(
    new MasterKeyError(`${out} exists already: name a new file`),
  )
  expect(await readFile(out, 'utf8')).toBe('another')
})
