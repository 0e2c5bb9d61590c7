import { mkdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeAccessToken } from '../src/access-tokens/token-format.ts'
import { createInstallation, engines } from './installation.ts'
import type { Environment } from './start-cutover.ts'

const weakToken = makeAccessToken({ nowMs: Date.now, randomBytes: (length) => new Uint8Array(length) })

function refusedWith(line: string) {
  return { code: 1, signal: null, stdout: '', stderr: `${line}\n` }
}

const notValid = (fault: string) => `A setting is not valid: ${fault}. See docs/configuration.md.`
const inTheClear =
  'would carry access tokens in the clear: set CUTOVER_TLS_CERT_FILE and CUTOVER_TLS_KEY_FILE, or CUTOVER_TRUST_PROXY when a proxy in front ends TLS.'
const settings: readonly [what: string, environment: Environment, line: string][] = [
  [
    'a variable it does not know',
    { CUTOVER_MAX_SECRETS: '5' },
    'Unknown setting CUTOVER_MAX_SECRETS: docs/configuration.md lists those there are.',
  ],
  [
    'several variables it does not know',
    { CUTOVER_B: '', CUTOVER_A: '1' },
    'Unknown setting CUTOVER_B, CUTOVER_A: docs/configuration.md lists those there are.',
  ],
  ['every address of the machine without TLS', { HOST: '0.0.0.0' }, `HOST=0.0.0.0 ${inTheClear}`],
  ['every IPv6 address without TLS', { HOST: '::' }, `HOST=:: ${inTheClear}`],
  ['a port that is no number', { PORT: 'http' }, notValid('PORT must be integer')],
  ['a port out of range', { PORT: '65536' }, notValid('PORT must be <= 65535')],
  [
    'a database that is no PostgreSQL',
    { CUTOVER_DATABASE_URL: 'mysql://127.0.0.1/a' },
    notValid('CUTOVER_DATABASE_URL must match pattern "^postgres(ql)?://"'),
  ],
  ['a lease that is too short', { CUTOVER_LEASE_MS: '999' }, notValid('CUTOVER_LEASE_MS must be >= 1000')],
  [
    'a certificate without its key',
    { CUTOVER_TLS_CERT_FILE: '/nowhere.pem' },
    'CUTOVER_TLS_CERT_FILE and CUTOVER_TLS_KEY_FILE go together: set both or neither.',
  ],
]

describe('a start that cannot be right', () => {
  it.each(settings)('is refused in one line for %s', async (_what, environment, line) => {
    const installation = await createInstallation()
    expect(await installation.attempt(environment)).toEqual(refusedWith(line))
    await expect(stat(installation.dataDirectory)).rejects.toThrow('ENOENT')
  })

  const noToken =
    'CUTOVER_BOOTSTRAP_TOKEN is no access token (cut_, 32 base62 digits, and their checksum): leave it out to have one made.'
  const tooEasy = 'CUTOVER_BOOTSTRAP_TOKEN is too easy to guess: leave it out to have one made.'
  const wrongChecksum = `${weakToken.slice(0, -1)}${weakToken.endsWith('A') ? 'B' : 'A'}`

  it('is refused in one line for a first token that is malformed or weak, and stays a first start', async () => {
    const installation = await createInstallation()
    for (const [token, line] of [
      ['', noToken],
      ['hunter2', noToken],
      [wrongChecksum, noToken],
      [weakToken, tooEasy],
    ] as const) {
      expect(await installation.attempt({ CUTOVER_BOOTSTRAP_TOKEN: token })).toEqual(refusedWith(line))
    }
    expect((await installation.start()).firstToken).toMatch(/^cut_\w{38}$/)
  })

  it('is refused in one line when the port is in use', async () => {
    const first = await (await createInstallation()).start()
    const { port } = new URL(first.address)
    const other = await createInstallation()
    const { code, stderr } = await other.attempt({ PORT: port })
    // The store was made, and the end of its audit log is logged before the line.
    const line = stderr.trimEnd().split('\n').at(-1)
    expect({ code, line }).toEqual({ code: 1, line: `Port ${port} on 127.0.0.1 is in use: set PORT to another.` })
  })

  it('is refused in one line when the data directory is a file', async () => {
    const installation = await createInstallation()
    await mkdir(dirname(installation.dataDirectory), { recursive: true })
    await writeFile(installation.dataDirectory, '')
    const { code, stdout, stderr } = await installation.attempt()
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^The data directory \S+ cannot be used: EEXIST[^\n]*\.\n$/)
  })

  it('is refused in one line, without the password, when PostgreSQL does not answer', async () => {
    const installation = await createInstallation()
    // A port that only root may listen on, and that nobody does.
    expect(await installation.attempt({ CUTOVER_DATABASE_URL: 'postgres://me:hunter2@127.0.0.1:1/a' })).toEqual(
      refusedWith('The database of CUTOVER_DATABASE_URL cannot be used: connect ECONNREFUSED 127.0.0.1:1.'),
    )
  })

  it.each([
    ['--workers', '0'],
    ['--workers', '65'],
    ['--worker', '2'],
  ])('is refused in one line that says how, for the command line %s %s', async (...parameters) => {
    const installation = await createInstallation()
    expect(await installation.attempt({}, { parameters })).toEqual(
      refusedWith('Usage: npm start -- [--workers N | --demo] [--accept-store-rollback]'),
    )
  })

  it('is refused in one line when the TLS files cannot be read', async () => {
    const installation = await createInstallation()
    const file = join(dirname(installation.dataDirectory), 'none.pem')
    const { code, stdout, stderr } = await installation.attempt({
      CUTOVER_TLS_CERT_FILE: file,
      CUTOVER_TLS_KEY_FILE: file,
    })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^The TLS files cannot be read: ENOENT[^\n]*\.\n$/)
  })
})

describe('a second process', () => {
  it.each([[[]], [['--workers', '2']]])(
    '%j on the same data directory is turned away in one line',
    async (parameters) => {
      const installation = await createInstallation()
      const first = await installation.start()
      const line = `Another Cutover is running on the data directory ${installation.dataDirectory}: stop it first.`
      expect(await installation.attempt({}, { parameters })).toEqual(refusedWith(line))
      const { id, secret } = await first.caller.create('Web')
      expect(await first.caller.verify(secret)).toMatchObject({ verified: true, secretId: id })
    },
  )

  it('on the same PostgreSQL database is another node', async () => {
    const installation = await createInstallation('postgres')
    const first = await installation.start()
    const second = await installation.start()
    const { id, secret } = await first.caller.create('Web')
    expect(await second.caller.verify(secret)).toMatchObject({ verified: true, secretId: id })
  })

  it.each(engines)('starts at once after kill −9 of the first, on %s', async (engine) => {
    const installation = await createInstallation(engine)
    const first = await installation.start()
    const { id, secret } = await first.caller.create('Web')
    expect(await first.kill('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' })
    const second = await installation.start()
    expect(second.firstToken).toBeNull()
    expect(await second.caller.verify(secret)).toMatchObject({ verified: true, secretId: id })
  })
})
