import { realpathSync } from 'node:fs'
import { open, readFile, rename, stat, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import {
  errorCode,
  hex,
  type KeyOrigin,
  MasterKeyError,
  newKey,
  shown,
  syncDirectory,
  writeDurably,
} from './master-keys.ts'

/** A JWK set as it is written; members that Cutover does not know of stay in it. */
interface KeySet {
  readonly keys: readonly { readonly kid: string }[]
}

/** @param json - a set that `parseMasterKeys` accepts @returns the set with a new key in front, which is to seal */
export function withNewKey(json: string, origin: KeyOrigin): { readonly json: string; readonly kid: string } {
  const set = JSON.parse(json) as KeySet // sound: it was parsed as one before
  const key = newKey(origin)
  return { json: toText({ ...set, keys: [key, ...set.keys] }), kid: key.kid }
}

export function withoutKeys(json: string, keyIds: readonly string[]): string {
  const set = JSON.parse(json) as KeySet // sound: it was parsed as one before
  return toText({ ...set, keys: set.keys.filter(({ kid }) => !keyIds.includes(kid)) })
}

/**
 * Puts `json` in the place of a file of master keys: whole and on disk before it has that name, with the owner and the
 * mode of the file. A symbolic link stays, and leads to the new one.
 *
 * @param expected - what the file held when it was read: somebody else may have changed it since
 * @throws MasterKeyError
 */
export async function replaceMasterKeysFile(
  path: string,
  expected: string,
  json: string,
  origin: KeyOrigin,
): Promise<void> {
  try {
    const target = realpathSync(path)
    const draft = `${target}.${hex(origin.randomBytes(8))}`
    try {
      await writeDurably(draft, json)
      await takeRightsOf(target, draft)
      if ((await readFile(target, 'utf8')) !== expected) throw changed(path)
      await rename(draft, target)
    } catch (error) {
      await unlink(draft).catch(() => {})
      throw error
    }
    await syncDirectory(dirname(target))
  } catch (error) {
    if (error instanceof MasterKeyError) throw error
    throw new MasterKeyError(
      `${shown(path)} cannot be written (${errorCode(error)}): have the new set written elsewhere with --out FILE, and put it there yourself`,
    )
  }
}

/** A new file, 0600. An existing one is never written over. */
export async function writeMasterKeysTo(path: string, json: string): Promise<void> {
  try {
    await writeDurably(path, json)
    await syncDirectory(dirname(path))
  } catch (error) {
    const code = errorCode(error)
    throw new MasterKeyError(
      code === 'EEXIST'
        ? `${shown(path)} exists already: name a new file`
        : `${shown(path)} cannot be written (${code})`,
    )
  }
}

/** The server may run as another user than the command, and must be able to read on. */
async function takeRightsOf(path: string, draft: string): Promise<void> {
  const { mode, uid, gid } = await stat(path)
  await using file = await open(draft, 'r+')
  const own = await file.stat()
  if (own.uid !== uid || own.gid !== gid) await file.chown(uid, gid)
  await file.chmod(mode & 0o777)
  await file.sync()
}

function changed(path: string): MasterKeyError {
  return new MasterKeyError(`${shown(path)} was changed by somebody else just now: look at it, and try again`)
}

function toText(set: KeySet): string {
  return `${JSON.stringify(set)}\n`
}
