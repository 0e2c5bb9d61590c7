import { appendFile, copyFile, cp, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { copyOfDatabase } from '../../../test-support/databases.ts'
import type { RevocationMark } from '../src/cluster/ports.ts'
import { makeLocalToken } from '../src/local.ts'
import { FollowedMarks } from '../src/storage/followed-marks.ts'
import { compactMarkFile, MarkFile } from '../src/storage/mark-file.ts'
import { Caller } from './caller.ts'
import { createInstallation, engines, type Installation } from './installation.ts'
import { localSettings } from './local-settings.ts'

const accept = { parameters: ['--accept-store-rollback'] }

function markFileOf({ dataDirectory }: Installation): string {
  return join(dirname(dataDirectory), 'marks')
}

async function lines(path: string): Promise<string[]> {
  return (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '')
}

/** Takes a copy of a store that no process runs on, and puts it back later. */
async function copyStore(installation: Installation): Promise<{ putBack(): Promise<void> }> {
  if (installation.engine === 'postgres') return copyOfDatabase(installation.databaseUrl)
  const copy = `${installation.dataDirectory}-copy`
  await cp(installation.dataDirectory, copy, { recursive: true })
  return {
    async putBack() {
      // The journal of the newer one would be replayed over it.
      for (const journal of ['-wal', '-shm'])
        await rm(join(installation.dataDirectory, `cutover.db${journal}`), { force: true })
      await copyFile(join(copy, 'cutover.db'), join(installation.dataDirectory, 'cutover.db'))
    },
  }
}

const remedy =
  'It would accept again what was deleted since. Restore a newer one, or start once with --accept-store-rollback: ' +
  'that disables every secret and revokes every token.'

describe.each(engines)('a store of which CUTOVER_MARK_FILE remembers more than it holds, on %s', (engine) => {
  it('is refused in one line that names both epochs, and taken only with everything in it switched off', async () => {
    const installation = await createInstallation(engine)
    const environment = { CUTOVER_MARK_FILE: markFileOf(installation), CUTOVER_LEASE_MS: '2000' }
    const first = await installation.start(environment)
    const kept = await first.caller.create('Kept')
    const gone = await first.caller.create('Gone')
    expect(await first.kill('SIGTERM')).toEqual({ code: 0, signal: null })
    const copy = await copyStore(installation)
    const second = await installation.start(environment)
    const { headers } = await second.caller.delete(gone.id)
    expect(headers.get('cutover-revocation-epoch')).toBe('4')
    // At once after the answer: what it promised is remembered outside the store.
    await second.kill('SIGKILL')
    expect((await lines(environment.CUTOVER_MARK_FILE)).at(-1)).toMatch(/^4 ws_\w{20} 3 [0-9a-f]{64}$/)
    await copy.putBack()

    const line = `The store is older than what CUTOVER_MARK_FILE remembers: it is at epoch 3, and the mark at epoch 4. ${remedy}\n`
    const refused = { code: 1, signal: null, stdout: '', stderr: line }
    expect(await installation.attempt(environment)).toEqual(refused)
    // Refusing has changed nothing: it is refused again, with workers as well.
    const parameters = engine === 'sqlite' ? ['--workers', '2'] : []
    expect(await installation.attempt(environment, { parameters })).toEqual(refused)

    const accepted = await installation.start(environment, accept)
    expect((await accepted.caller.call('GET', '/health')).status).toBe(401)
    expect(accepted.stderr).toContain('an older store was accepted')
    const token = await makeLocalToken(localSettings(installation), 'After the rollback')
    const newest = await accepted.caller.call('GET', '/v1/audit-log?chain=instance&action=store.rollback_accepted', {
      token,
    })
    expect(JSON.parse(newest.text).data).toMatchObject([
      { action: 'store.rollback_accepted', result: 'success', metadata: { epoch: 5, lostEpoch: 4 } },
    ])
    for (const { secret } of [kept, gone]) {
      const verdict = await askWith(accepted.address, token, secret)
      expect(verdict).toMatchObject({ verified: false, reason: 'no_active_secret' })
    }
    await accepted.kill('SIGTERM')

    const plain = await installation.start(environment)
    expect((await plain.caller.call('GET', '/health', { token })).status).toBe(200)
    expect(await askWith(plain.address, token, kept.secret)).toMatchObject({ verified: false })
  })

  it('is refused at the same epoch as well, when its history is another one', async () => {
    const installation = await createInstallation(engine)
    const environment = { CUTOVER_MARK_FILE: markFileOf(installation) }
    const first = await installation.start(environment)
    const [one, other] = [await first.caller.create('One'), await first.caller.create('Other')]
    await first.kill('SIGTERM')
    const copy = await copyStore(installation)
    const promised = await installation.start(environment)
    expect((await promised.caller.delete(one.id)).status).toBe(204)
    await promised.kill('SIGTERM')
    await copy.putBack()
    // Somebody starts the copy without the mark file, and goes on with it: the epoch is the same again.
    const careless = await installation.start()
    expect((await careless.caller.delete(other.id)).headers.get('cutover-revocation-epoch')).toBe('4')
    await careless.kill('SIGTERM')
    const { code, stderr } = await installation.attempt(environment)
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^The store is older than what CUTOVER_MARK_FILE remembers: it is at epoch 4, but has another audit entry 3 in the chain ws_\w{20} than the mark of epoch 4\. [^\n]*\n$/,
    )
  })
})

describe('two nodes with mark files of their own', () => {
  it('are both refused an older store, whichever of them made the change that it lacks', async () => {
    const installation = await createInstallation('postgres')
    const paths = ['one', 'other'].map((name) => join(dirname(installation.dataDirectory), `marks-${name}`))
    const environments = paths.map((path) => ({ CUTOVER_MARK_FILE: path, CUTOVER_LEASE_MS: '2000' }))
    const [withOne, withOther] = environments
    const first = await installation.start(withOne)
    const { id } = await first.caller.create('Gone')
    await first.kill('SIGTERM')
    const copy = await copyStore(installation)
    const one = await installation.start(withOne)
    const other = await installation.start(withOther)
    expect((await one.caller.delete(id)).headers.get('cutover-revocation-epoch')).toBe('3')
    for (const node of [one, other]) expect(await node.kill('SIGTERM')).toEqual({ code: 0, signal: null })
    await copy.putBack()
    for (const environment of environments) {
      const { code, stderr } = await installation.attempt(environment)
      expect(code).toBe(1)
      expect(stderr).toMatch(/it is at epoch 2, and the mark at epoch 3\./)
    }
  })
})

function askWith(address: string, token: string, secret: string) {
  return new Caller(address, token).verify(secret)
}

describe('a start with CUTOVER_MARK_FILE', () => {
  it('is refused in one line when it cannot be written, or is somebody else’s file', async () => {
    const installation = await createInstallation()
    const path = join(dirname(installation.dataDirectory), 'nowhere', 'marks')
    const missing = await installation.attempt({ CUTOVER_MARK_FILE: path })
    expect({ code: missing.code, stdout: missing.stdout }).toEqual({ code: 1, stdout: '' })
    expect(missing.stderr).toMatch(/^CUTOVER_MARK_FILE cannot be written: ENOENT[^\n]*\n$/)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, 'root:x:0:0\n')
    expect(await installation.attempt({ CUTOVER_MARK_FILE: path })).toEqual({
      code: 1,
      signal: null,
      stdout: '',
      stderr: 'CUTOVER_MARK_FILE holds something else than marks: name a file of its own.\n',
    })
    expect(await readFile(path, 'utf8')).toBe('root:x:0:0\n')
  })

  it('is refused for an empty store, and says what the mark knows', async () => {
    const installation = await createInstallation()
    const path = markFileOf(installation)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, `7 instance 2 ${'a'.repeat(64)}\n`)
    const { code, stderr } = await installation.attempt({ CUTOVER_MARK_FILE: path })
    expect(code).toBe(1)
    expect(stderr).toMatch(/: it is empty, and the mark is at epoch 7\. /)
    await expect(stat(join(installation.dataDirectory, 'master-keys.json'))).rejects.toThrow('ENOENT')
    const accepted = await installation.start({ CUTOVER_MARK_FILE: path }, accept)
    // It is new: its first token is nothing that could have been revoked since.
    const { id } = await accepted.caller.create('First')
    expect((await accepted.caller.delete(id)).headers.get('cutover-revocation-epoch')).toBe('10')
  })

  it('makes one, for its owner alone, and remembers each change of each worker in it', async () => {
    const installation = await createInstallation()
    const path = markFileOf(installation)
    const cutover = await installation.start({ CUTOVER_MARK_FILE: path }, { parameters: ['--workers', '2'] })
    await Promise.all(Array.from({ length: 12 }, (_, index) => cutover.caller.create(`Secret ${index}`)))
    const epochs = (await lines(path)).map((line) => Number(line.split(' ')[0]))
    expect(epochs.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, index) => index + 2))
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })
})

describe('a mark that cannot be written', () => {
  it('makes a change, and every repeat of it, a 503 and no success', async () => {
    const installation = await createInstallation()
    const cutover = await installation.start({ CUTOVER_MARK_FILE: '/dev/full' })
    const created = await cutover.caller.post('Unmarked', { idempotencyKey: 'unmarked' })
    expect(created.status).toBe(503)
    expect(created.headers.get('retry-after')).toBe('1')
    const again = await cutover.caller.post('Unmarked', { idempotencyKey: 'unmarked' })
    expect(again.status).toBe(503)
    const [{ id = '' } = {}] = await cutover.caller.list()
    expect((await cutover.caller.delete(id)).status).toBe(503)
    // It is deleted, and whoever asks again would be told so: not before that is remembered.
    expect((await cutover.caller.delete(id)).status).toBe(503)
    expect(await cutover.caller.list()).toEqual([])
    expect(cutover.stderr).toContain('CUTOVER_MARK_FILE cannot be written')
  })
})

describe('marks of what other nodes change', () => {
  const audit = { chain: 'instance', sequence: 1, hash: 'ab'.repeat(32) }

  it('are written, the newest of those that came together, and none that is remembered', async () => {
    const written: number[] = []
    const marks = {
      remembers: (epoch: number) => epoch === 5,
      appendLater: async ({ epoch }: RevocationMark) => void written.push(epoch),
    }
    const followed = new FollowedMarks(marks, () => {})
    for (const epoch of [1, 2, 3, 4]) followed.note({ epoch, audit })
    await followed.settled()
    followed.note({ epoch: 5, audit })
    followed.note({ epoch: 6, audit })
    await followed.settled()
    expect(written).toEqual([4, 6])
  })

  it('are tried again with the next change, and a failure is told once until one succeeds', async () => {
    const failures: unknown[] = []
    let isFull = true
    const appendLater = async () => {
      if (isFull) throw new Error('full')
    }
    const followed = new FollowedMarks({ remembers: () => false, appendLater }, (error) => failures.push(error))
    const noteAll = async (...epochs: number[]) => {
      for (const epoch of epochs) {
        followed.note({ epoch, audit })
        await followed.settled()
      }
    }
    await noteAll(1, 2)
    expect(failures).toEqual([new Error('full')])
    isFull = false
    await noteAll(3)
    isFull = true
    await noteAll(4)
    expect(failures).toHaveLength(2)
  })
})

describe('the file of marks', () => {
  const place = (sequence: number) => ({ chain: 'instance', sequence, hash: 'ab'.repeat(32) })
  const mark = (epoch: number): RevocationMark => ({ epoch, audit: place(epoch) })

  async function newPath(): Promise<string> {
    const installation = await createInstallation()
    await mkdir(dirname(installation.dataDirectory), { recursive: true })
    return markFileOf(installation)
  }

  it('ignores a last line that was cut short, wherever, and what is appended after it stands', async () => {
    const whole = `\n5 instance 5 ${'ab'.repeat(32)}\n`
    for (let length = 1; length < whole.length; length += 1) {
      const path = await newPath()
      new MarkFile(path).append(mark(4))
      await appendFile(path, whole.slice(0, length))
      const marks = new MarkFile(path)
      expect(marks.newest(), `cut to ${length}`).toEqual(mark(4))
      marks.append(mark(6))
      expect(marks.newest(), `cut to ${length}`).toEqual(mark(6))
      marks.close()
    }
  })

  it('knows its newest mark, in whatever order several processes have appended', async () => {
    const path = await newPath()
    const [one, other] = [new MarkFile(path), new MarkFile(path)]
    one.append(mark(2))
    other.append(mark(4))
    one.append(mark(3))
    expect([one.newest(), other.newest(), new MarkFile(path).newest()]).toEqual([mark(4), mark(4), mark(4)])
    expect([one.remembers(3), one.remembers(4), other.remembers(4), other.remembers(5)]).toEqual([
      true,
      false,
      true,
      false,
    ])
    expect(new MarkFile(path).remembers(4)).toBe(true)
  })

  it('is rewritten as its newest mark alone once it has grown, and not before', async () => {
    const path = await newPath()
    const marks = new MarkFile(path)
    marks.append(mark(1))
    marks.append(mark(2))
    compactMarkFile(path)
    expect(await lines(path)).toHaveLength(2)
    const many = Array.from({ length: 15_000 }, (_, index) => `${index + 3} instance 1 ${'cd'.repeat(32)}`)
    await appendFile(path, `${many.join('\n')}\n`)
    expect(marks.newest()?.epoch).toBe(15_002)
    compactMarkFile(path)
    expect(await lines(path)).toEqual([many.at(-1)])
  })
})
