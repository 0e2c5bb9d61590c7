import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createTemporaryDirectory } from '../../../test-support/temporary-directory.ts'
import { makeAccessToken } from '../src/access-tokens/token-format.ts'
import { Caller } from './caller.ts'
import { createInstallation, engines, masterKeySet } from './installation.ts'
import { attemptStart, startCutover } from './start-cutover.ts'

const isRoot = process.getuid?.() === 0

async function freshDirectory(): Promise<string> {
  const directory = await createTemporaryDirectory()
  onTestFinished(() => directory.remove())
  return join(directory.path, 'data')
}

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8).padStart(4, '0')
}

/** Somebody else's server, on a port that is then taken. */
async function takePort(): Promise<{ port: string; free(): Promise<void> }> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const free = async () => {
    if (server.listening) await new Promise((resolve) => server.close(resolve))
  }
  onTestFinished(free)
  return { port: String((server.address() as AddressInfo).port), free }
}

describe('the first start', () => {
  it('is one of them, where several nodes start at once on an empty database', async () => {
    const installation = await createInstallation('postgres')
    const environment = { CUTOVER_MASTER_KEYS: masterKeySet('shared') }
    const nodes = await Promise.all([1, 2, 3].map(() => installation.start(environment)))
    const tokens = nodes.flatMap(({ firstToken }) => firstToken ?? [])
    expect(tokens).toHaveLength(1)
    const callers = nodes.map(({ address }) => new Caller(address, tokens[0] ?? ''))
    const made = await callers[0]?.create('Known to all')
    for (const caller of callers) {
      expect(await caller.verify(made?.secret ?? '')).toMatchObject({ verified: true, secretId: made?.id })
    }
  })

  it.each(engines)('prints the address and a token that may do everything, once, on %s', async (engine) => {
    const installation = await createInstallation(engine)
    const first = await installation.start()
    expect(first.stdout.split('\n')).toEqual([
      'First start: this access token may do everything. It is shown this once; keep it safe.',
      '',
      expect.stringMatching(/^ {2}cut_[0-9A-Za-z]{38}$/),
      '',
      expect.stringMatching(
        /^Cutover is listening at (http:\/\/127\.0\.0\.1:\d+) {2}\(dashboard: \1\/, API: \1\/docs\)$/,
      ),
      '',
    ])
    expect((await first.caller.call('GET', '/health')).status).toBe(200)
    expect(await first.kill('SIGTERM')).toEqual({ code: 0, signal: null })

    const second = await installation.start()
    expect(second.stdout).toBe(
      `Cutover is listening at ${second.address}  (dashboard: ${second.address}/, API: ${second.address}/docs)\n`,
    )
    expect((await second.caller.call('GET', '/health')).status).toBe(200)
    expect(first.stderr + second.stderr).not.toContain(installation.token)
  })

  it.each(['0022', '0000'])('keeps its directory 0700 and its files 0600 under umask %s', async (umask) => {
    const directory = await freshDirectory()
    const cutover = await startCutover({ CUTOVER_DATA_DIR: directory }, { umask })
    await new Caller(cutover.address, cutover.firstToken ?? '').create('Web')
    const names = (await readdir(directory)).sort()
    expect(names).toEqual(expect.arrayContaining(['cutover.db', 'cutover.db-shm', 'cutover.db-wal', 'cutover.lock']))
    const modes = await Promise.all(names.map((name) => modeOf(join(directory, name))))
    expect(Object.fromEntries(names.map((name, index) => [name, modes[index]]))).toEqual(
      Object.fromEntries(names.map((name) => [name, '0600'])),
    )
    expect(await modeOf(directory)).toBe('0700')
  })

  it('closes an empty directory that was open to others', async () => {
    const directory = await freshDirectory()
    await mkdir(directory, { mode: 0o755 })
    await startCutover({ CUTOVER_DATA_DIR: directory })
    expect(await modeOf(directory)).toBe('0700')
  })

  it("leaves a directory alone that holds somebody else's files and is open to others", async () => {
    const directory = await freshDirectory()
    await mkdir(directory, { mode: 0o755 })
    await writeFile(join(directory, 'thesis.txt'), 'not ours')
    expect(await attemptStart({ CUTOVER_DATA_DIR: directory })).toEqual({
      code: 1,
      signal: null,
      stdout: '',
      stderr:
        `The data directory ${directory} holds other files and is open to other users: ` +
        'name an empty one in CUTOVER_DATA_DIR, or chmod it to 700.\n',
    })
    expect(await readdir(directory)).toEqual(['thesis.txt'])
    expect(await modeOf(directory)).toBe('0755')
  })

  it.skipIf(isRoot)('says so when it may not make its directory', async () => {
    const directory = await freshDirectory()
    await mkdir(directory, { mode: 0o500 })
    const { code, stderr } = await attemptStart({ CUTOVER_DATA_DIR: join(directory, 'inside') })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^The data directory .* cannot be used: EACCES.*\.\n$/)
  })

  it('takes the token of CUTOVER_BOOTSTRAP_TOKEN in place of one made, and does not print it', async () => {
    const token = makeAccessToken({ nowMs: Date.now, randomBytes })
    const installation = await createInstallation()
    const cutover = await installation.start({ CUTOVER_BOOTSTRAP_TOKEN: token })
    const caller = new Caller(cutover.address, token)
    expect((await caller.call('GET', '/health')).status).toBe(200)
    expect(cutover.stdout + cutover.stderr).not.toContain(token)
  })

  it('reads CUTOVER_BOOTSTRAP_TOKEN at the first start only', async () => {
    const installation = await createInstallation()
    const first = await installation.start()
    await first.kill('SIGTERM')
    const late = makeAccessToken({ nowMs: Date.now, randomBytes })
    const second = await installation.start({ CUTOVER_BOOTSTRAP_TOKEN: late })
    expect((await second.caller.call('GET', '/health')).status).toBe(200)
    expect((await second.caller.call('GET', '/health', { token: late })).status).toBe(401)
  })

  it('still shows a token once when the very first attempt found its port taken', async () => {
    const installation = await createInstallation()
    const { port, free } = await takePort()
    const turnedAway = await installation.attempt({ PORT: port })
    expect(turnedAway.code).toBe(1)
    await free()
    const cutover = await installation.start({ PORT: port })
    expect(`${turnedAway.stdout}${cutover.stdout}`.match(/cut_[0-9A-Za-z]{38}/g)).toHaveLength(1)
  })
})
