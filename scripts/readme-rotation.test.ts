import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startCutover } from '../packages/server/test/start-cutover.ts'
import { createTemporaryDirectory } from '../test-support/temporary-directory.ts'
import { fencedBlocks } from './fenced-blocks.ts'

const root = join(import.meta.dirname, '..')
const script = join(root, 'examples/rotation.sh')
const readme = await readFile(join(root, 'README.md'), 'utf8')

interface Rotation {
  /** Resolves when it has printed `line`. */
  printed(line: string): Promise<void>
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>
}

function startRotation(environment: Readonly<Record<string, string>>): Rotation {
  const child = spawn('bash', [script], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let stdout = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk
  })
  const ended = Promise.all([once(child, 'close'), text(child.stderr)]).then(([[code], stderr]) => ({
    code: code as number | null, // sound: the first argument of the event
    stdout,
    stderr,
  }))
  const printed = async (line: string) => {
    while (!stdout.includes(`${line}\n`)) {
      const end = await Promise.race([once(child.stdout, 'data'), ended])
      if ('code' in end && !stdout.includes(`${line}\n`)) throw new Error(`It ended before: ${stdout}${end.stderr}`)
    }
  }
  return { printed, ended }
}

describe('the rotation of the README', () => {
  it('is examples/rotation.sh, word for word', async () => {
    const [header, steps] = (await readFile(script, 'utf8')).split('set -euo pipefail\n\n')
    expect(header).toMatch(/^#!\/usr\/bin\/env bash\n(# .*\n)+$/)
    expect(steps).toBe(fencedBlocks(readme, 'bash').join('\n'))
  })

  it('prints what the README says, on a first start that is restarted in the middle', async () => {
    await using directory = await createTemporaryDirectory()
    const environment = { CUTOVER_DATA_DIR: directory.path }
    const first = await startCutover(environment)
    const rotation = startRotation({ CUTOVER_URL: first.address, CUTOVER_TOKEN: first.firstToken ?? '' })

    await rotation.printed('Stop the server now: Ctrl-C in its terminal.')
    expect(await first.kill('SIGINT')).toEqual({ code: 0, signal: null })
    await rotation.printed('It is down. Start it again: npm start')
    const second = await startCutover({ ...environment, PORT: new URL(first.address).port })

    expect(await rotation.ended).toEqual({ code: 0, stdout: fencedBlocks(readme, 'text').join(''), stderr: '' })
    expect(second.firstToken).toBeNull()
  })

  it('ends at the first step that does not do what it says', async () => {
    await using directory = await createTemporaryDirectory()
    const { address } = await startCutover({ CUTOVER_DATA_DIR: directory.path })
    const { code, stdout } = await startRotation({ CUTOVER_URL: address, CUTOVER_TOKEN: 'cut_none' }).ended
    expect({ code, stdout }).toEqual({ code: 22, stdout: '' })
  })

  it('asks for the access token when there is none', async () => {
    const { code, stdout, stderr } = await startRotation({}).ended
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('CUTOVER_TOKEN: set it to the access token that the first start printed')
  })
})
