import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RotationScene } from './rotation-scene.ts'
import { Served } from './served.ts'

const quiet = ['--quiet-seconds', '2']

let served: Served

beforeAll(async () => {
  served = await Served.start()
})

afterAll(() => served.end())

const scene = () => RotationScene.set(served)

async function stateFiles({ directory }: RotationScene): Promise<readonly string[]> {
  const names = await readdir(join(directory, 'state/cutover/rotations')).catch(() => [])
  return names.filter((name) => name.endsWith('.json'))
}

describe.concurrent('cutover rotate', { timeout: 90_000 }, () => {
  it('makes the successor, hands it over, and deletes the old secret once nobody has used it for so long', async () => {
    await using rotation = await scene()
    rotation.startTraffic()
    const ended = await rotation.rotate(['--out', rotation.deployed, ...quiet, '--json'])
    expect(ended.code).toBe(0)
    const [old, successor, ...others] = await rotation.secrets()
    expect([old?.state, successor?.state, others]).toEqual(['deleted', 'active', []])
    expect(JSON.parse(ended.stdout)).toEqual({
      ...{ oldId: old?.id, newId: successor?.id, fingerprint: successor?.fingerprint },
      ...{ deleted: true, revocationEpoch: expect.any(Number) },
    })
    const secret = await readFile(rotation.deployed, 'utf8')
    expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect((await stat(rotation.deployed)).mode & 0o777).toBe(0o600)
    expect(ended.stdout + ended.stderr).not.toContain(secret)
    expect(rotation.rejected).toBe(0)
    expect(await stateFiles(rotation)).toEqual([])
  })

  it('says, when it is run again after its end, that the secret is deleted and what took its place', async () => {
    await using rotation = await scene()
    rotation.startTraffic()
    await rotation.rotate(['--out', rotation.deployed, ...quiet])
    const again = await rotation.rotate(['--out', `${rotation.deployed}2`, ...quiet])
    const [, successor] = await rotation.secrets()
    const stdout = `Secret ${rotation.old.id} is deleted already. Its successor is ${successor?.id}.\n`
    expect(again).toEqual({ code: 0, stdout, stderr: '' })
  })

  it('leaves the old secret without an end while it waits: nothing breaks by itself', async () => {
    await using rotation = await scene()
    rotation.startTraffic()
    const ended = await rotation.rotate(['--deploy', 'cat > elsewhere', ...quiet, '--timeout', '3'])
    expect(ended.code).toBe(3)
    const [old, successor] = await rotation.secrets()
    expect([old?.state, old?.expiresAt, old?.successorId]).toEqual(['active', null, successor?.id])
  })

  it('stops at the end of its time with exit code 3, says who is left, and goes on with the next run', async () => {
    await using rotation = await scene()
    rotation.startTraffic('billing')
    const held = await rotation.rotate(['--deploy', 'cat > elsewhere', ...quiet, '--timeout', '4'])
    expect([held.code, held.stdout]).toEqual([3, ''])
    expect(held.stderr).toContain(
      'error: The old secret may not go yet, after 4 seconds; still signing with it: billing',
    )
    expect(held.stderr).toContain('To go on from here, run the same command again.')
    await writeFile(rotation.deployed, await readFile(join(rotation.directory, 'elsewhere')))
    const ended = await rotation.rotate(['--deploy', 'exit 1', ...quiet])
    expect([ended.code, ended.stderr.includes('Deployed')]).toEqual([0, false])
    expect((await rotation.secrets()).map(({ state }) => state)).toEqual(['deleted', 'active'])
  })

  it('keeps the new secret when the deploy command fails, and gives the same one to the next run', async () => {
    await using rotation = await scene()
    rotation.startTraffic()
    const failed = await rotation.rotate(['--deploy', 'cat > seen; exit 7', ...quiet])
    expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining('error: The deploy command ended with 7')])
    const [state] = await stateFiles(rotation)
    const path = join(rotation.directory, 'state/cutover/rotations', state ?? '')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    const ended = await rotation.rotate(['--deploy', 'cat > deployed', ...quiet])
    expect(ended.code).toBe(0)
    expect(await readFile(rotation.deployed, 'utf8')).toBe(await readFile(join(rotation.directory, 'seen'), 'utf8'))
    expect((await rotation.secrets()).map(({ state }) => state)).toEqual(['deleted', 'active'])
  })

  it('hands the secret over anew after a check that failed, and waits for nothing before one has passed', async () => {
    await using rotation = await scene()
    rotation.startTraffic()
    const check = ['--check', 'test "$(cat)" = "$(cat deployed)"']
    const failed = await rotation.rotate(['--deploy', 'echo wrong > wrong', ...check, ...quiet])
    expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining('error: The check ended with 1')])
    const ended = await rotation.rotate(['--deploy', 'cat > deployed', ...check, ...quiet])
    expect([ended.code, ended.stderr]).toEqual([0, expect.stringContaining('Checked.')])
  })

  it('tells a hook which secret it is about, and gives the secret itself on standard input alone', async () => {
    await using rotation = await scene()
    const hook = 'env > hook-env; tr "\\0" " " < /proc/$PPID/cmdline > hook-argv; cat > elsewhere'
    await rotation.rotate(['--deploy', hook, ...quiet, '--timeout', '1'])
    const [, successor] = await rotation.secrets()
    const secret = await readFile(join(rotation.directory, 'elsewhere'), 'utf8')
    const env = await readFile(join(rotation.directory, 'hook-env'), 'utf8')
    expect(env).toContain(`ROTATION_SECRET_ID=${successor?.id}\n`)
    expect(env).toContain(`ROTATION_FINGERPRINT=${successor?.fingerprint}\n`)
    expect(env + (await readFile(join(rotation.directory, 'hook-argv'), 'utf8'))).not.toContain(secret)
  })

  it('is told to stop with Ctrl-C: it leaves everything as it is, says so, and ends with 130', async () => {
    await using rotation = await scene()
    rotation.startTraffic()
    const child = rotation.start(['--deploy', 'cat > elsewhere', ...quiet])
    const stderr = text(child.stderr)
    await untilSaid(child.stderr, /in_use:/)
    child.kill('SIGINT')
    const [code] = await once(child, 'close')
    expect([code, await stderr]).toEqual([
      130,
      expect.stringContaining('To go on from here, run the same command again.'),
    ])
    expect((await rotation.secrets()).map(({ state }) => state)).toEqual(['active', 'active'])
  })

  it('keeps a second run of the same rotation away while one goes on', async () => {
    await using rotation = await scene()
    rotation.startTraffic()
    const child = rotation.start(['--deploy', 'cat > elsewhere', ...quiet])
    await untilSaid(child.stderr, /in_use:/)
    const second = await rotation.rotate(['--deploy', 'cat > elsewhere', ...quiet])
    child.kill('SIGKILL')
    await once(child, 'close')
    expect([second.code, second.stderr]).toEqual([
      1,
      expect.stringContaining('Another run of this rotation is going on'),
    ])
  })

  it('says what it would do with --dry-run, and does none of it', async () => {
    await using rotation = await scene()
    const ended = await rotation.rotate(['--deploy', 'touch ran', '--check', 'true', '--dry-run', ...quiet])
    expect(ended.stdout.split('\n')).toEqual([
      `1. Create the successor of secret ${rotation.old.id} "Spring", with the same platforms; both are accepted.`,
      '2. Deploy: give it to `touch ran` on its standard input.',
      '3. Check: `true` must end with 0.',
      '4. Wait until nobody has used the old one for 2 s.',
      `5. Delete secret ${rotation.old.id}.`,
      '',
    ])
    expect(await rotation.secrets()).toHaveLength(1)
    expect(await readdir(rotation.directory)).toEqual([])
  })

  it('refuses a command line that does not say where the secret goes, or says it twice, before it makes one', async () => {
    await using rotation = await scene()
    const wrong = [
      [],
      ['--out', 'a', '--deploy', 'b'],
      ['--env-file', '.env'],
      ['--name', 'A'],
      ['--timeout', '-1', '--out', 'a'],
    ]
    const ended = await Promise.all(wrong.map((parameters) => rotation.rotate(parameters)))
    expect(ended.map(({ code, stdout }) => [code, stdout])).toEqual(wrong.map(() => [2, '']))
    expect(await rotation.secrets()).toHaveLength(1)
  })

  it('refuses to overwrite the file of --out', async () => {
    await using rotation = await scene()
    await writeFile(rotation.deployed, 'something')
    const ended = await rotation.rotate(['--out', rotation.deployed])
    expect([ended.code, ended.stderr]).toEqual([3, expect.stringContaining('exists')])
    expect([await readFile(rotation.deployed, 'utf8'), await rotation.secrets()]).toEqual([
      'something',
      [expect.anything()],
    ])
  })

  it('does not go on with a state file that others can read', async () => {
    await using rotation = await scene()
    await rotation.rotate(['--deploy', 'exit 1'])
    const [state] = await stateFiles(rotation)
    await chmod(join(rotation.directory, 'state/cutover/rotations', state ?? ''), 0o644)
    const ended = await rotation.rotate(['--deploy', 'cat > elsewhere'])
    expect([ended.code, ended.stderr]).toEqual([1, expect.stringContaining('can be read by others (mode 0644)')])
  })

  it('only waits and deletes where somebody else has rotated the secret and it is told nothing of a deployment', async () => {
    await using rotation = await scene()
    const { secret } = await rotation.client.identitySecrets.rotate(rotation.old.id, { graceSeconds: 3600 })
    const refused = await rotation.rotate(['--out', `${rotation.deployed}2`])
    expect([refused.code, refused.stderr]).toEqual([3, expect.stringContaining('The secret was rotated already')])
    rotation.startTraffic()
    await writeFile(rotation.deployed, secret)
    expect((await rotation.rotate(quiet)).code).toBe(0)
    expect((await rotation.secrets()).map(({ state }) => state)).toEqual(['deleted', 'active'])
  })

  it('ends when somebody else has deleted the old secret meanwhile', async () => {
    await using rotation = await scene()
    rotation.startTraffic()
    const child = rotation.start(['--deploy', 'cat > deployed', '--quiet-seconds', '600'])
    const stdout = text(child.stdout)
    await untilSaid(child.stderr, /in_use:/)
    await rotation.client.identitySecrets.delete(rotation.old.id)
    const [code] = await once(child, 'close')
    expect([code, await stdout]).toEqual([0, expect.stringContaining(`Deleted secret ${rotation.old.id}`)])
  })

  it('names a secret that does not exist, and one that cannot be rotated', async () => {
    await using rotation = await scene()
    await rotation.client.identitySecrets.disable(rotation.old.id)
    const ended = await rotation.rotate(['--out', rotation.deployed])
    expect([ended.code, ended.stderr]).toEqual([1, expect.stringContaining('error: The secret is disabled')])
  })
})

describe.concurrent('cutover rotate --env-file', { timeout: 90_000 }, () => {
  const into = ['--env-file', '.env', '--name', 'INTERCOM_SECRET', '--quiet-seconds', '2', '--timeout', '1']

  it('sets the variable, keeps every other line as it was, and leaves the file to its owner alone', async () => {
    await using rotation = await scene()
    const path = join(rotation.directory, '.env')
    await writeFile(path, '# a comment\nA=1\nexport INTERCOM_SECRET="old"\nB="two\nlines"\n', { mode: 0o644 })
    await rotation.rotate(into)
    const [, successor] = await rotation.secrets()
    const lines = (await readFile(path, 'utf8')).split('\n')
    expect(lines).toEqual([
      '# a comment',
      'A=1',
      expect.stringMatching(/^export INTERCOM_SECRET=[\w-]{43}$/),
      'B="two',
      'lines"',
      '',
    ])
    expect([(await stat(path)).mode & 0o777, successor?.state]).toEqual([0o600, 'active'])
  })

  it('is refused while git tracks the file: nothing is made', async () => {
    await using rotation = await scene()
    const git = (...parameters: string[]) => execFileSync('git', ['-C', rotation.directory, ...parameters])
    git('init', '--quiet')
    await writeFile(join(rotation.directory, '.env'), 'A=1\n')
    git('add', '.env')
    const ended = await rotation.rotate(into)
    expect([ended.code, ended.stderr]).toEqual([
      3,
      expect.stringContaining('git tracks .env: the secret would be committed'),
    ])
    expect([await rotation.secrets(), await stateFiles(rotation)]).toEqual([[expect.anything()], []])
  })

  it('warns where git does not ignore the file, and not where it does', async () => {
    await using rotation = await scene()
    execFileSync('git', ['-C', rotation.directory, 'init', '--quiet'])
    const warned = await rotation.rotate(into)
    expect(warned.stderr).toContain('warning: git does not ignore .env: add it to .gitignore')
    await using other = await scene()
    execFileSync('git', ['-C', other.directory, 'init', '--quiet'])
    await writeFile(join(other.directory, '.gitignore'), '.env\n')
    expect((await other.rotate(into)).stderr).not.toContain('warning')
  })
})

/** Resolves once a line has come that fits. */
async function untilSaid(stream: NodeJS.ReadableStream, pattern: RegExp): Promise<void> {
  let said = ''
  await new Promise<void>((resolve) => {
    stream.on('data', (chunk) => {
      said += String(chunk)
      if (pattern.test(said)) resolve()
    })
  })
}
