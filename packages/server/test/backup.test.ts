import { copyFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { backUpStore, Misuse } from '../src/local.ts'
import { userHash } from './caller.ts'
import { type CalledCutover, createInstallation, type Installation } from './installation.ts'
import { localSettings } from './local-settings.ts'
import { startCutover } from './start-cutover.ts'

const environment = { CUTOVER_RATE_LIMIT_PER_MINUTE: '0', CUTOVER_MAX_ACTIVE_SECRETS: '1000' }

function backUp(installation: Installation, path: string) {
  return backUpStore(localSettings(installation), path, { onProgress: () => {} })
}

/** A data directory with a backup in the place of the store, and the master keys that were kept apart. */
async function restored(installation: Installation, backup: string): Promise<string> {
  const directory = join(dirname(installation.dataDirectory), 'restored')
  await mkdir(directory, { mode: 0o700 })
  await copyFile(backup, join(directory, 'cutover.db'))
  await copyFile(join(installation.dataDirectory, 'master-keys.json'), join(directory, 'master-keys.json'))
  return directory
}

async function createUntil(cutover: CalledCutover, isOver: () => boolean): Promise<void> {
  for (let count = 0; !isOver(); count += 1) await cutover.caller.create(`Meanwhile ${count}`)
}

describe.each([1, 2])('a backup that is taken under writes, of %i processes', (workers) => {
  it('is one moment of the store: a server on it has all that was answered before', async () => {
    const installation = await createInstallation()
    const cutover = await installation.start(environment, { parameters: ['--workers', String(workers)] })
    const before = [await cutover.caller.create('One'), await cutover.caller.create('Two')]
    let isOver = false
    const writing = createUntil(cutover, () => isOver)
    const path = join(dirname(installation.dataDirectory), 'backup.db')
    const backup = await backUp(installation, path)
    isOver = true
    await writing

    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(backup.secrets).toBeGreaterThanOrEqual(2)
    expect(backup).toMatchObject({ bytes: (await stat(path)).size, workspaces: 1, epoch: backup.secrets + 1 })
    const directory = await restored(installation, path)
    const again = await startCutover({ ...environment, CUTOVER_DATA_DIR: directory })
    for (const { id, secret } of before) {
      const body = JSON.stringify({ platform: 'web', userId: 'user_1', userHash: userHash(secret, 'user_1') })
      const headers = { authorization: `Bearer ${installation.token}`, 'content-type': 'application/json' }
      const answer = await fetch(`${again.address}/v1/verifications`, { method: 'POST', headers, body })
      expect(await answer.json()).toMatchObject({ verified: true, secretId: id })
    }
  })
})

describe('a backup', () => {
  it('never takes the place of another file', async () => {
    const installation = await createInstallation()
    await installation.start()
    const path = join(dirname(installation.dataDirectory), 'backup.db')
    await writeFile(path, 'something else')
    await expect(backUp(installation, path)).rejects.toThrow(
      `${path} exists already: a backup never takes the place of another file.`,
    )
    expect(await readFile(path, 'utf8')).toBe('something else')
  })

  it('that cannot be written leaves nothing behind', async () => {
    const installation = await createInstallation()
    await installation.start()
    const path = join(dirname(installation.dataDirectory), 'missing', 'backup.db')
    await expect(backUp(installation, path)).rejects.toThrow(`${path} cannot be written`)
    expect(await readdir(dirname(installation.dataDirectory))).toEqual(['data'])
  })

  it('is one file beside which there is nothing, and holds no master key', async () => {
    const installation = await createInstallation()
    await installation.start()
    const path = join(dirname(installation.dataDirectory), 'backup.db')
    await backUp(installation, path)
    expect((await readdir(dirname(installation.dataDirectory))).sort()).toEqual(['backup.db', 'data'])
    const [{ k }] = JSON.parse(await readFile(join(installation.dataDirectory, 'master-keys.json'), 'utf8')).keys
    const bytes = await readFile(path)
    expect([bytes.includes(k), bytes.includes(Buffer.from(k, 'base64url'))]).toEqual([false, false])
  })

  it('of a damaged store is refused', async () => {
    const installation = await createInstallation()
    const cutover = await installation.start(environment)
    for (let count = 0; count < 60; count += 1) await cutover.caller.create(`A name that fills a page ${count}`)
    await cutover.kill('SIGTERM')
    const file = join(installation.dataDirectory, 'cutover.db')
    const bytes = await readFile(file)
    // A page in the middle, which no statement reads before the check does.
    bytes.fill(0xff, 4096 * Math.floor(bytes.length / 4096 / 2), 4096 * (Math.floor(bytes.length / 4096 / 2) + 1))
    await writeFile(file, bytes)
    const path = join(dirname(installation.dataDirectory), 'backup.db')
    await expect(backUp(installation, path)).rejects.toThrow(/damaged|malformed/)
    expect(await readdir(dirname(installation.dataDirectory))).toEqual(['data'])
  })

  it('of PostgreSQL is for its own tools', async () => {
    const settings = { ...localSettings(await createInstallation()), CUTOVER_DATABASE_URL: 'postgres://localhost/x' }
    await expect(backUpStore(settings, 'backup.db', { onProgress: () => {} })).rejects.toThrow(Misuse)
  })
})
