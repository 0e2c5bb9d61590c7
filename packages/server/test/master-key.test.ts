import { hash } from 'node:crypto'
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createInstallation, engines, type Installation, masterKeySet, storeFiles } from './installation.ts'
import type { Environment } from './start-cutover.ts'

/** A dozen starts one after another. */
const patience = { timeout: 90_000 }

const remedy = 'give {"keys":[{"kty":"oct","kid":"<a name>","k":"<32 random bytes, base64url>"}]}'

interface Places {
  /** Where the key that Cutover made lies. */
  readonly own: string
  /** A file that a test may make. */
  readonly other: string
  readonly kid: string
}

interface WrongKey {
  readonly what: string
  prepare?(places: Places): Promise<void>
  environment?(places: Places): Environment
  line(places: Places): string
}

const wrongKeys: readonly WrongKey[] = [
  {
    what: 'another key',
    environment: () => ({ CUTOVER_MASTER_KEYS: masterKeySet('other') }),
    line: ({ kid }) => `This store was sealed with master key ${kid}, which is not configured: add it again`,
  },
  {
    what: 'another key of the same name',
    environment: ({ kid }) => ({ CUTOVER_MASTER_KEYS: masterKeySet(kid) }),
    line: ({ kid }) =>
      `The configured master key ${kid} is not the one of that name that this store was sealed with: configure that one`,
  },
  {
    what: 'keys that did not arrive',
    environment: () => ({ CUTOVER_MASTER_KEYS: '' }),
    line: () => `CUTOVER_MASTER_KEYS is not a JSON Web Key set: ${remedy}`,
  },
  {
    what: 'a key of the wrong length',
    environment: () => ({ CUTOVER_MASTER_KEYS: '{"keys":[{"kty":"oct","kid":"a","k":"c2hvcnQ"}]}' }),
    line: () => `CUTOVER_MASTER_KEYS has a key that cannot be used, number 1: it has a "k" of 5 bytes: ${remedy}`,
  },
  {
    what: 'a file that is not there',
    environment: ({ other }) => ({ CUTOVER_MASTER_KEYS_FILE: other }),
    line: ({ other }) => `${other} does not exist: put the master keys there`,
  },
  {
    what: 'keys in two places',
    environment: ({ own }) => ({ CUTOVER_MASTER_KEYS_FILE: own, CUTOVER_MASTER_KEYS: masterKeySet('other') }),
    line: () => 'CUTOVER_MASTER_KEYS and CUTOVER_MASTER_KEYS_FILE are both set: keep one of them',
  },
  {
    what: 'its own file lost',
    prepare: ({ own }) => rm(own),
    line: ({ own }) =>
      `${own} is missing, and what this store holds is sealed with the keys that were in it: put it back from your backup, or set CUTOVER_MASTER_KEYS or CUTOVER_MASTER_KEYS_FILE to those keys`,
  },
  {
    what: 'its own file cut short',
    prepare: async ({ own }) => writeFile(own, (await readFile(own, 'utf8')).slice(0, -10)),
    line: ({ own }) => `${own} is not a JSON Web Key set: ${remedy}`,
  },
  {
    what: 'its own file unreadable',
    prepare: async ({ own }) => {
      // Permissions would not stop root.
      await rm(own)
      await mkdir(own, { mode: 0o700 })
    },
    line: ({ own }) => `${own} cannot be read (EISDIR): let the user that runs Cutover read this file`,
  },
  {
    what: 'its own file open to others',
    prepare: ({ own }) => chmod(own, 0o640),
    line: ({ own }) => `${own} has mode 0640, so that others may read the master keys: chmod 600 ${own}`,
  },
]

/** Everything a start could have written to, but for the file of keys, which belongs to the test; bytes as hashes. */
async function everythingStored(installation: Installation) {
  const files = Object.entries(await storeFiles(installation.dataDirectory))
  const hashes = files.map(([name, bytes]) => [name, hash('sha256', bytes)])
  const contents = installation.engine === 'postgres' ? await installation.contents() : {}
  return { files: Object.fromEntries(hashes), contents }
}

describe.each(engines)('a store on %s', (engine) => {
  it('is not opened with a wrong, missing or unreadable master key: one line, nothing written', patience, async () => {
    const installation = await createInstallation(engine)
    const first = await installation.start()
    const { id, secret } = await first.caller.create('Web')
    await first.kill('SIGTERM')
    const own = join(installation.dataDirectory, 'master-keys.json')
    const kept = join(dirname(installation.dataDirectory), 'kept.json')
    await rename(own, kept)
    const kid = JSON.parse(await readFile(kept, 'utf8')).keys[0].kid
    const places = { own, other: join(dirname(kept), 'other.json'), kid }
    const before = await everythingStored(installation)

    for (const { what, prepare, environment, line } of wrongKeys) {
      await writeFile(own, await readFile(kept), { mode: 0o600 })
      await prepare?.(places)
      expect(await installation.attempt(environment?.(places)), what).toEqual({
        code: 1,
        signal: null,
        stdout: '',
        stderr: `${line(places)}\n`,
      })
      expect(await everythingStored(installation), what).toEqual(before)
      await rm(own, { recursive: true, force: true })
    }

    const again = await installation.start({ CUTOVER_MASTER_KEYS_FILE: kept })
    expect(await again.caller.verify(secret)).toMatchObject({ verified: true, secretId: id })
  })

  it('seals on with a new first key while the old one still opens, and then asks for both', async () => {
    const installation = await createInstallation(engine)
    const old = JSON.parse(masterKeySet('old')).keys
    const young = JSON.parse(masterKeySet('young')).keys
    const first = await installation.start({ CUTOVER_MASTER_KEYS: JSON.stringify({ keys: old }) })
    const before = await first.caller.create('Before')
    await first.kill('SIGTERM')
    const both = { CUTOVER_MASTER_KEYS: JSON.stringify({ keys: [...young, ...old] }) }
    const second = await installation.start(both)
    const after = await second.caller.create('After')
    expect(await second.caller.verify(before.secret)).toMatchObject({ secretId: before.id })
    expect(await second.caller.verify(after.secret)).toMatchObject({ secretId: after.id })
    await second.kill('SIGTERM')
    expect(await installation.attempt({ CUTOVER_MASTER_KEYS: JSON.stringify({ keys: old }) })).toEqual({
      code: 1,
      signal: null,
      stdout: '',
      stderr: 'This store was sealed with master key young, which is not configured: add it again\n',
    })
  })
})

describe('a first start with a malformed master key', () => {
  it('leaves nothing behind that a start with the right one would trip over', async () => {
    const installation = await createInstallation()
    const refused = await installation.attempt({ CUTOVER_MASTER_KEYS: '{' })
    expect(refused).toEqual({
      code: 1,
      signal: null,
      stdout: '',
      stderr: `CUTOVER_MASTER_KEYS is not a JSON Web Key set: ${remedy}\n`,
    })
    expect((await installation.start()).firstToken).toMatch(/^cut_\w{38}$/)
  })
})
