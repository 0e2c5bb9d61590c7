import { createHash } from 'node:crypto'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CreatedIdentitySecret, IdentitySecret } from '@cutover/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTemporaryDirectory } from '../../../test-support/temporary-directory.ts'
import { userHash } from '../../server/test/caller.ts'
import { Served } from './served.ts'

let served: Served
beforeAll(async () => {
  served = await Served.start()
})
afterAll(() => served.end())

const pattern = /^[A-Za-z0-9_-]{43}\n$/
const fingerprintOf = (secret: string) => `sha256:${createHash('sha256').update(secret).digest('hex').slice(0, 16)}`

describe('secrets create', () => {
  it('prints the secret alone on standard output, and what it is around it on stderr', async () => {
    const { code, stdout, stderr } = await served.run(['secrets', 'create', '--name', 'Spring', '--web', '--ios'])
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/^Made "Spring" \(id \d+\) for web ios\.\nThis is shown once/),
    ])
    expect(stdout).toMatch(pattern)
    expect((await served.caller.verify(stdout.trim())).verified).toBe(true)
    expect(served.holding(stdout.trim())).toBe(1)
  })

  it('prints the object of the API with --json', async () => {
    const made = await served.json<CreatedIdentitySecret>(['secrets', 'create', '--name', 'Summer', '--android'])
    expect(made).toMatchObject({
      name: 'Summer',
      state: 'active',
      platforms: { web: false, ios: false, android: true },
    })
    expect(made.fingerprint).toBe(fingerprintOf(made.secret))
  })

  it('writes it into a new file for its owner alone with --out, without a line break, and prints it nowhere', async () => {
    await using directory = await createTemporaryDirectory()
    const out = join(directory.path, 'secret')
    const created = await served.run(['secrets', 'create', '--name', 'Kept', '--web', '--out', out])
    expect([created.code, created.stdout]).toEqual([0, ''])
    const secret = await readFile(out, 'utf8')
    expect(`${secret}\n`).toMatch(pattern)
    expect((await stat(out)).mode & 0o777).toBe(0o600)
    expect(served.holding(secret)).toBe(0)
    expect(created.stderr).toContain(`It is in ${out} (0600)`)
  })

  it('says with --json and --out where it is, and not what it is', async () => {
    await using directory = await createTemporaryDirectory()
    const out = join(directory.path, 'secret')
    const made = await served.json(['secrets', 'create', '--name', 'Kept', '--web', '--out', out])
    expect(made).toMatchObject({ name: 'Kept', out })
    expect(made).not.toHaveProperty('secret')
  })

  it('makes none where the file is there already, and leaves that as it is', async () => {
    await using directory = await createTemporaryDirectory()
    const out = join(directory.path, 'secret')
    await writeFile(out, 'mine')
    const before = await served.caller.list()
    const { code, stderr } = await served.run(['secrets', 'create', '--name', 'No', '--web', '--out', out])
    expect([code, stderr]).toEqual([1, expect.stringContaining('exists already, and is left as it is')])
    expect(await readFile(out, 'utf8')).toBe('mine')
    expect(await served.caller.list()).toEqual(before)
  })

  it('leaves no file behind where the server refuses', async () => {
    await using directory = await createTemporaryDirectory()
    const out = join(directory.path, 'secret')
    const { code } = await served.run(['secrets', 'create', '--name', '  ', '--web', '--out', out])
    expect(code).toBe(1)
    await expect(stat(out)).rejects.toThrow('ENOENT')
  })

  it('is misused without a platform, without a name, and by --from-stdin alone', async () => {
    const noPlatform = await served.run(['secrets', 'create', '--name', 'x'])
    expect([noPlatform.code, noPlatform.stderr]).toEqual([
      2,
      'error: It is for no platform\nhint: give one or more of --web --ios --android\n',
    ])
    expect((await served.run(['secrets', 'create', '--web'])).code).toBe(2)
    expect((await served.run(['secrets', 'create', '--name', 'x', '--web', '--from-stdin'])).code).toBe(2)
  })

  it('imports one that is signed with already, and does not print it', async () => {
    const given = 'the-one-they-sign-with-today'
    const parameters = ['secrets', 'create', '--name', 'From before', '--web', '--import', '--from-stdin']
    const { code, stdout } = await served.run(parameters, { stdin: `${given}\n` })
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^Imported "From before" as id \d+ \(sha256:[0-9a-f]{16}\)/),
    ])
    expect((await served.caller.verify(given)).verified).toBe(true)
    const again = await served.run([...parameters, '--json'], { stdin: given })
    expect([again.code, again.stdout]).toEqual([1, ''])
    expect(served.holding(given)).toBe(0)
  })
})

describe('secrets list', () => {
  it('shows a row for each live one, and the others with --all alone', async () => {
    const kept = await served.makeSecret('listed')
    const gone = await served.makeSecret('gone')
    await served.caller.delete(gone.id)
    const live = await served.run(['secrets', 'list'])
    expect(live.stdout).toMatch(/^ID +NAME +STATE +PLATFORMS +AGE +LAST USED +FINGERPRINT\n/)
    expect(live.stdout).toMatch(
      new RegExp(`^${kept.id} +listed +active +all +\\d+s +never +${fingerprintOf(kept.secret)}$`, 'm'),
    )
    expect(live.stdout).not.toContain('gone')
    const all = await served.json<{ data: IdentitySecret[] }>(['secrets', 'list', '--all'])
    expect(all.data.find(({ id }) => id === gone.id)).toMatchObject({ name: 'gone', state: 'deleted' })
  })

  it('says on stderr that there is nothing, so that a script reads nothing', async () => {
    const { code, stdout, stderr } = await served.run(['secrets', 'list', '--overdue'])
    expect([code, stdout, stderr]).toEqual([0, '', 'No secret is overdue.\n'])
    expect(await served.json(['secrets', 'list', '--overdue'])).toEqual({ data: [] })
  })

  it('has no colours in a pipe', async () => {
    const { stdout } = await served.run(['secrets', 'list'])
    expect(stdout).not.toContain('\u001b')
  })
})

describe('the life of a secret', () => {
  it('is renamed, and its platforms change by what is named alone', async () => {
    const { id } = await served.makeSecret('old name')
    const edited = await served.run(['secrets', 'edit', id, '--name', 'new name', '--no-ios'])
    expect([edited.code, edited.stdout]).toEqual([0, `Secret ${id} is "new name", for web android.\n`])
    expect(await served.json(['secrets', 'rename', id, '--name', 'newer'])).toMatchObject({ name: 'newer' })
    expect((await served.run(['secrets', 'edit', id])).code).toBe(2)
  })

  it('is disabled, for a while or until it is enabled', async () => {
    const { id, secret } = await served.makeSecret('d')
    const timed = await served.run(['secrets', 'disable', id, '--revert-after', '600'])
    expect(timed.stdout).toMatch(
      /is disabled: no node accepts it until \d{4}-\d\d-\d\d [\d:]{8} UTC \(in (9|10) minutes\)\.\n$/,
    )
    expect((await served.caller.verify(secret)).verified).toBe(false)
    const disabled = await served.json(['secrets', 'disable', id])
    expect(disabled).toMatchObject({ state: 'disabled', enableAt: null })
    const enabled = await served.run(['secrets', 'enable', id])
    expect([enabled.code, enabled.stdout]).toEqual([0, `"d" (id ${id}) is accepted, without an end.\n`])
    expect((await served.caller.verify(secret)).verified).toBe(true)
  })

  it('is retired and kept; at once only when somebody said so', async () => {
    const { id, secret } = await served.makeSecret('r')
    const retiring = await served.run(['secrets', 'retire', id, '--after', '3600'])
    expect(retiring.stdout).toMatch(/^"r" \(id \d+\) is accepted until .* UTC \(in (59 minutes|1 hour)\)\.\n$/)
    expect(await served.json(['secrets', 'keep', id])).toMatchObject({ state: 'active', expiresAt: null })
    const unasked = await served.run(['secrets', 'retire', id, '--after', '0'])
    expect([unasked.code, unasked.stderr]).toEqual([
      3,
      `error: Nobody is there to be asked: End secret ${id} now, for good?\n` +
        'hint: nothing was done; --yes goes on without asking\n',
    ])
    expect((await served.caller.verify(secret)).verified).toBe(true)
    const ended = await served.run(['secrets', 'retire', id, '--after', '0', '--yes'])
    expect(ended.stdout).toBe(`"r" (id ${id}) is expired: no node accepts it any more.\n`)
    const kept = await served.run(['secrets', 'cancel-retirement', id])
    expect([kept.code, kept.stderr]).toEqual([1, expect.stringContaining('The secret is expired')])
  })

  it('takes whole seconds only', async () => {
    const { code, stderr } = await served.run(['secrets', 'retire', '1', '--after', '1h'])
    expect([code, stderr]).toEqual([2, expect.stringContaining('It is a whole number of seconds.')])
  })
})

describe('secrets show', () => {
  it('tells what there is to know, with who still uses it', async () => {
    const { id, secret } = await served.makeSecret('shown')
    const body = { platform: 'web', userId: 'u', source: 'ios/4.1.0', userHash: userHash(secret, 'u') }
    await served.caller.call('POST', '/v1/verifications', { body })
    await expect
      .poll(async () => (await served.run(['secrets', 'show', id])).stdout, { timeout: 40_000 })
      .toMatch(/^ios\/4\.1\.0 +1 +\d+s ago$/m)
    const { stdout } = await served.run(['secrets', 'show', id])
    expect(stdout).toMatch(new RegExp(`^id +${id}\nname +shown\nstate +active\nplatforms +all\nfingerprint +sha256:`))
    expect(stdout).toMatch(/^verdict +in use$/m)
    expect(stdout).toMatch(/^uses +1 in the last hour, 1 in a day, 1 in 30 days$/m)
    const shown = await served.json(['secrets', 'show', id, '--quiet-seconds', '60'])
    expect(shown).toMatchObject({ id, cutover: { verdict: 'in_use', quietSecondsRequired: 60 } })
  })

  it('shows a deleted one, and how long it can be restored', async () => {
    const { id } = await served.makeSecret('dead')
    await served.caller.delete(id)
    const { stdout } = await served.run(['secrets', 'show', id])
    expect(stdout).toMatch(/^state +deleted$/m)
    expect(stdout).toMatch(/^restorable +until .* UTC \(in (6|7) days\)$/m)
  })
})
