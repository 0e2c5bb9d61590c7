import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startCutover } from '../packages/server/test/start-cutover.ts'
import { createTemporaryDirectory } from '../test-support/temporary-directory.ts'

const root = join(import.meta.dirname, '..')
const fromSources = [process.execPath, '--conditions=cutover-source', '--']
const command = [...fromSources, join(root, 'packages/cli/src/main.ts')]

describe('examples/rotation-live', () => {
  it('rotates a secret under twenty programs, ends by itself with the last of them, and locks nobody out', {
    timeout: 90_000,
  }, async () => {
    await using directory = await createTemporaryDirectory()
    const cutover = await startCutover({ CUTOVER_DATA_DIR: directory.path })
    const env = {
      PATH: process.env['PATH'],
      HOME: directory.path,
      ...{ CUTOVER_URL: cutover.address, CUTOVER_TOKEN: cutover.firstToken ?? '' },
      ...{ ROLLOUT_SECONDS: '4', QUIET_SECONDS: '3' },
    }
    const [file = '', ...parameters] = [...fromSources, join(root, 'examples/rotation-live/run.ts'), ...command]
    const ending = await new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
      const child = execFile(file, parameters, { env }, (_error, stdout, stderr) =>
        resolve({ code: child.exitCode, stdout, stderr }),
      )
    })
    expect(ending).toMatchObject({ code: 0 })
    expect(ending.stdout.split('\n')).toEqual([
      'Deleted secret 1 "Rotation, live". No node accepts it any more; 2 has taken its place.',
      '20 programs, 0 verifications failed.',
      '',
    ])
    expect(ending.stderr).toContain('in_use: ')
    expect(ending.stderr).toContain('left: service-')
  })
})
