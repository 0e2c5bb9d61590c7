import { execFile } from 'node:child_process'
import { join } from 'node:path'
import type { CreatedIntegrator } from '@cutover/contract'
import { describe, expect, it } from 'vitest'
import { Caller } from '../packages/server/test/caller.ts'
import { type RunningCutover, startCutover } from '../packages/server/test/start-cutover.ts'
import { createTemporaryDirectory } from '../test-support/temporary-directory.ts'

const example = join(import.meta.dirname, '../examples/integrator.ts')

interface Ending {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function run(environment: Readonly<Record<string, string>>): Promise<Ending> {
  // The packages as they are here, before they are built.
  const parameters = ['--conditions=cutover-source', example]
  return new Promise((resolve) => {
    const env = { PATH: process.env['PATH'], GRACE_SECONDS: '2', ...environment }
    const child = execFile(process.execPath, parameters, { env }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    )
  })
}

const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`
const fingerprint = 'sha256:[0-9a-f]{16}'
const lines = [
  'The old secret is accepted.',
  'The new secret is accepted.',
  'The old secret is accepted.',
  `  It ends at ${time}.`,
  `  (${fingerprint}) takes its place: \\1 is the new one.`,
  'Waiting 2 s …',
  'The old secret is refused: signature_invalid.',
  'The new secret is accepted.',
]
/** Only where the secret before was somebody's own. */
const printedSecret = /^INTEGRATOR_SECRET=(ints_[0-9A-Za-z]{49})\n/m
const wholeRotation = new RegExp(`^${lines.join('\n')}\n$`)

async function createIntegrator({ address, firstToken }: RunningCutover): Promise<CreatedIntegrator> {
  const created = await new Caller(address, firstToken ?? '').call('POST', '/v1/integrators', {
    body: { name: 'Acme' },
  })
  return JSON.parse(created.text)
}

describe('examples/integrator.ts', () => {
  it('creates an integrator with an access token, and shows its whole rotation', async () => {
    await using directory = await createTemporaryDirectory()
    const cutover = await startCutover({ CUTOVER_DATA_DIR: directory.path })
    const ending = await run({ CUTOVER_URL: cutover.address, CUTOVER_TOKEN: cutover.firstToken ?? '' })
    expect(ending).toEqual({ code: 0, stdout: expect.stringMatching(wholeRotation), stderr: '' })
  })

  it('replaces the secret of an integrator that there is, and prints the one that takes its place', async () => {
    await using directory = await createTemporaryDirectory()
    const cutover = await startCutover({ CUTOVER_DATA_DIR: directory.path })
    const { key, secret } = await createIntegrator(cutover)
    const own = { CUTOVER_URL: cutover.address, INTEGRATOR_KEY: key, INTEGRATOR_SECRET: secret }
    const { stdout, ...ending } = await run(own)
    expect(ending).toEqual({ code: 0, stderr: '' })
    expect(stdout.replace(printedSecret, '')).toMatch(wholeRotation)

    const renewed = { ...own, INTEGRATOR_SECRET: printedSecret.exec(stdout)?.[1] ?? '' }
    expect(await run(renewed)).toMatchObject({ code: 0, stderr: '' })
    const refused = await run(own)
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toMatch(/^The old secret is not accepted: .*"code":"signature_invalid"/)
  })

  it('says what it needs when it is given nothing', async () => {
    const stderr = 'Set CUTOVER_TOKEN, or INTEGRATOR_KEY and INTEGRATOR_SECRET.\n'
    expect(await run({})).toEqual({ code: 1, stdout: '', stderr })
  })
})
