import { createSecretKey, type webcrypto } from 'node:crypto'
import { link, mkdir, open, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** 256 bits, not extractable: neither a log line nor an error can print it. */
export interface MasterKey {
  readonly kid: string
  readonly key: webcrypto.CryptoKey
}

/** The first seals, all open. */
export type MasterKeys = readonly [MasterKey, ...MasterKey[]]

/** Why the server cannot start with these keys: one line that says what to do, without key material. */
export class MasterKeyError extends Error {
  override readonly name = 'MasterKeyError'
}

export interface MasterKeySettings {
  /** CUTOVER_MASTER_KEYS. An empty one is refused like any malformed one: it is a secret that did not arrive. */
  readonly json?: string | undefined
  /** CUTOVER_MASTER_KEYS_FILE. */
  readonly file?: string | undefined
  readonly dataDirectory: string
  /** True only while the store holds nothing at all: only then may a key be made. */
  readonly storeIsNew: boolean
}

/** The part of the machine that a new key needs. */
export interface KeyOrigin {
  nowMs(): number
  /** From the system's CSPRNG. */
  randomBytes(length: number): Uint8Array
}

export interface LoadedMasterKeys {
  readonly masterKeys: MasterKeys
  /** Where they came from: the name of a setting, or the path of a file. */
  readonly source: string
  /** For the operator's log, one line each. */
  readonly warnings: readonly string[]
}

const fileName = 'master-keys.json'
const hasFileModes = process.platform !== 'win32'
const remedy = 'give {"keys":[{"kty":"oct","kid":"<a name>","k":"<32 random bytes, base64url>"}]}'

/**
 * The keys of CUTOVER_MASTER_KEYS, else of CUTOVER_MASTER_KEYS_FILE, else of `master-keys.json` in the data directory,
 * which is made when the store is new. A store that holds data never gets another key than its own: it could read
 * nothing any more, and would seal on with a key that nobody backed up.
 * @throws MasterKeyError
 */
export async function loadMasterKeys(settings: MasterKeySettings, origin: KeyOrigin): Promise<LoadedMasterKeys> {
  const { json, file } = settings
  if (json !== undefined && file !== undefined) {
    throw new MasterKeyError('CUTOVER_MASTER_KEYS and CUTOVER_MASTER_KEYS_FILE are both set: keep one of them')
  }
  if (json !== undefined) {
    const source = 'CUTOVER_MASTER_KEYS'
    return { masterKeys: parseMasterKeys(json, source), source, warnings: [] }
  }
  if (file !== undefined) return readMasterKeysFile(file, 'placed_by_operator')
  const own = join(settings.dataDirectory, fileName)
  if (!(await exists(own))) {
    if (!settings.storeIsNew) throw new MasterKeyError(missingOwnFile(own))
    await makeMasterKeysFile(own, origin)
  }
  return readMasterKeysFile(own, 'made_by_cutover')
}

/**
 * A JWK set (RFC 7517, 5) of symmetric keys (RFC 7518, 6.4). Stricter than RFC 7517: a key that cannot be used is
 * refused and not skipped, since what it once sealed would not open.
 * @param sourceName what to call it in errors
 * @throws MasterKeyError
 */
export function parseMasterKeys(json: string, sourceName: string): MasterKeys {
  const refuse = (what: string) => new MasterKeyError(`${sourceName} ${what}: ${remedy}`)
  const members = parseKeySet(json)
  if (members === undefined) throw refuse('is not a JSON Web Key set')
  const [first, ...rest] = members.map((member, index) => {
    const parsed = parseKey(member)
    if (typeof parsed === 'string') throw refuse(`has a key that cannot be used, number ${index + 1}: it ${parsed}`)
    return parsed
  })
  if (first === undefined) throw refuse('holds no key')
  const repeated = firstRepeated([first, ...rest])
  if (repeated !== undefined) throw refuse(repeated)
  return [toMasterKey(first), ...rest.map(toMasterKey)]
}

/**
 * The keys of a file. Who else may read or change it decides:
 *
 * - `made_by_cutover`: ssh's rule. Any right of group or others is refused; nobody but its owner has business there.
 * - `placed_by_operator`: others who may write are refused, since whoever adds a first key reads what is sealed from
 *   then on. A group that may read is accepted (root:cutover 0640, Kubernetes with fsGroup). Everybody may read is a
 *   warning only: Docker and Kubernetes mount secrets 0444 and 0644 inside a container that holds nobody else, which
 *   cannot be told from a shared machine.
 *
 * Symbolic links are followed: Kubernetes swaps secrets by them.
 * @throws MasterKeyError
 */
export async function readMasterKeysFile(
  path: string,
  custody: 'made_by_cutover' | 'placed_by_operator',
): Promise<LoadedMasterKeys> {
  const { mode, json } = await readWithMode(path)
  const warnings: string[] = []
  if (hasFileModes) {
    const refused = custody === 'made_by_cutover' ? 0o077 : 0o022
    if ((mode & refused) !== 0) throw new MasterKeyError(tooOpen(path, mode))
    if ((mode & 0o007) !== 0) warnings.push(tooOpen(path, mode))
  }
  return { masterKeys: parseMasterKeys(json, shown(path)), source: path, warnings }
}

/**
 * A file with one new key, 0600, durable and whole before it has its name. An existing file is left as it is: of
 * several processes that start at once, one makes the key and all use it.
 * @throws MasterKeyError
 */
export async function makeMasterKeysFile(path: string, origin: KeyOrigin): Promise<void> {
  const draft = `${path}.${hex(origin.randomBytes(8))}`
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await writeDurably(draft, `${JSON.stringify({ keys: [newKey(origin)] })}\n`)
    // link, and not rename, which would put this key in the place of one that another process already seals with.
    await link(draft, path)
      .catch(unlessExists)
      .finally(() => unlink(draft))
    await syncDirectory(dirname(path))
  } catch (error) {
    throw new MasterKeyError(`${shown(path)} cannot be made (${errorCode(error)}): ${makeWritable}`)
  }
}

const makeWritable = 'let Cutover write there, or set CUTOVER_MASTER_KEYS_FILE to a file of yours'

function missingOwnFile(path: string): string {
  return `${shown(path)} is missing, and what this store holds is sealed with the keys that were in it: put it back from your backup, or set CUTOVER_MASTER_KEYS or CUTOVER_MASTER_KEYS_FILE to those keys`
}

function tooOpen(path: string, mode: number): string {
  const octal = (mode & 0o777).toString(8).padStart(4, '0')
  const rights = (mode & 0o022) === 0 ? 'read' : 'change'
  return `${shown(path)} has mode ${octal}, so that others may ${rights} the master keys: chmod 600 ${shown(path)}`
}

/** On one line, whatever is in a path or a name. */
export function shown(text: string): string {
  return /^[\x21-\x7e]+$/.test(text) ? text : JSON.stringify(text)
}

interface ParsedKey {
  readonly kid: string
  readonly k: string
}

/** JSON.parse quotes what it could not read: its error never leaves here, not even as a cause. */
function parseKeySet(json: string): readonly unknown[] | undefined {
  try {
    const set: unknown = JSON.parse(json)
    return isObject(set) && Array.isArray(set['keys']) ? set['keys'] : undefined
  } catch {
    return undefined
  }
}

/** A string says what is wrong; it never holds a value, since a `k` may stand where another member belongs. */
function parseKey(member: unknown): ParsedKey | string {
  if (!isObject(member)) return 'is not an object'
  const { kty, kid, k, alg } = member
  if (kty !== 'oct') return 'needs "kty":"oct"'
  if (typeof kid !== 'string' || !/^[\x21-\x7e]{1,128}$/.test(kid)) {
    return 'needs a "kid" of 1 to 128 ASCII characters without spaces'
  }
  if (alg !== undefined && alg !== 'A256GCMKW') return 'has an "alg" other than A256GCMKW'
  if (typeof k !== 'string') return 'needs a "k"'
  const bytes = Buffer.from(k, 'base64url')
  if (bytes.toString('base64url') !== k) return 'has a "k" that is not base64url without padding'
  if (bytes.length !== 32) return `has a "k" of ${bytes.length} bytes`
  return { kid, k }
}

/** Equal material under two names would make a rotation that rotates nothing. */
function firstRepeated(keys: readonly ParsedKey[]): string | undefined {
  for (const [index, key] of keys.entries()) {
    const earlier = keys.slice(0, index)
    if (earlier.some(({ kid }) => kid === key.kid)) return `has two keys with the kid ${key.kid}`
    const same = earlier.find(({ k }) => k === key.k)
    if (same !== undefined) return `has one and the same key as ${same.kid} and as ${key.kid}`
  }
  return undefined
}

function toMasterKey({ kid, k }: ParsedKey): MasterKey {
  const key = createSecretKey(k, 'base64url').toCryptoKey('AES-GCM', false, ['encrypt', 'decrypt'])
  return { kid, key }
}

/** The kid tells the day, so that an operator with several knows which is old. */
export function newKey(origin: KeyOrigin): {
  readonly kty: string
  readonly kid: string
  readonly k: string
  readonly alg: string
} {
  const day = new Date(origin.nowMs()).toISOString().slice(0, 10)
  const k = Buffer.from(origin.randomBytes(32)).toString('base64url')
  return { kty: 'oct', kid: `${day}-${hex(origin.randomBytes(4))}`, alg: 'A256GCMKW', k }
}

async function readWithMode(path: string): Promise<{ mode: number; json: string }> {
  try {
    await using file = await open(path, 'r')
    return { mode: (await file.stat()).mode, json: await file.readFile('utf8') }
  } catch (error) {
    const code = errorCode(error)
    if (code === 'ENOENT') throw new MasterKeyError(`${shown(path)} does not exist: put the master keys there`)
    throw new MasterKeyError(`${shown(path)} cannot be read (${code}): let the user that runs Cutover read this file`)
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false
    throw new MasterKeyError(`${shown(path)} cannot be looked at (${errorCode(error)}): let Cutover use its directory`)
  }
}

export async function writeDurably(path: string, text: string): Promise<void> {
  await using file = await open(path, 'wx', 0o600)
  await file.writeFile(text)
  await file.sync()
}

/** A new name is durable only when its directory is. */
export async function syncDirectory(path: string): Promise<void> {
  if (!hasFileModes) return
  await using directory = await open(path, 'r')
  await directory.sync()
}

function unlessExists(error: unknown): void {
  if (errorCode(error) !== 'EEXIST') throw error
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
