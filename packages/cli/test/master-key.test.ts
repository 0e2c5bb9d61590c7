import { once } from 'node:events'
import { readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { engines, masterKeySet } from '../../server/test/installation.ts'
import { sealedUnder } from '../../server/test/sealed-under.ts'
import { OnMachine } from './on-machine.ts'

const patience = { timeout: 90_000 }
const environment = { CUTOVER_RATE_LIMIT_PER_MINUTE: '0', CUTOVER_MAX_ACTIVE_SECRETS: '1000' }

interface Status {
  readonly keys: readonly { readonly kid: string; readonly state: string; readonly secrets: number }[]
  readonly nodes: readonly { readonly nodeId: string; readonly lacks: readonly string[] }[]
  readonly next: { readonly step: string; readonly words: string }
}

async function kidsOf({ installation }: OnMachine): Promise<string[]> {
  const text = await readFile(join(installation.dataDirectory, 'master-keys.json'), 'utf8')
  return JSON.parse(text).keys.map(({ kid }: { kid: string }) => kid)
}

describe('master-key', () => {
  it('status shows what is sealed under each key, who has it, and what to do next', async () => {
    const machine = await OnMachine.prepare()
    const cutover = await machine.installation.start()
    await cutover.caller.create('One')
    const [kid = ''] = await kidsOf(machine)
    const { code, stdout, stderr } = await machine.run(['master-key', 'status'])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toBe(
      `The master keys of ${join(machine.installation.dataDirectory, 'master-keys.json')}:\n\n` +
        'KEY                  STATE     HERE  SECRETS  ANSWERS  AUDIT KEY\n' +
        `${kid}  admitted  yes   1        0        yes\n\n` +
        'NODE                       SEALS WITH           LACKS\n' +
        `${stdout.match(/node_\w{20}/)?.[0]}  ${kid}  -\n\n` +
        'Next: Nothing. To begin a rotation: cutover master-key rotate.\n',
    )
    expect(await machine.json<Status>(['master-key', 'status'])).toEqual({
      source: join(machine.installation.dataDirectory, 'master-keys.json'),
      keys: [{ kid, configured: true, state: 'admitted', secrets: 1, keptAnswers: 0, auditKey: true }],
      underOtherKeys: 0,
      nodes: [
        {
          nodeId: expect.stringMatching(/^node_\w{20}$/),
          ...{ version: '0.1.0', keyIds: [kid], lacks: [], sealsWith: kid, silent: false },
        },
      ],
      next: { step: 'add', words: 'Nothing. To begin a rotation: cutover master-key rotate.' },
    })
  })

  it('rotate goes step by step while a server runs, and says what comes after each', patience, async () => {
    const machine = await OnMachine.prepare()
    const first = await machine.installation.start(environment)
    const { secret } = await first.caller.create('One')
    const [old = ''] = await kidsOf(machine)
    const file = join(machine.installation.dataDirectory, 'master-keys.json')

    const added = await machine.run(['master-key', 'rotate'])
    const [young = ''] = await kidsOf(machine)
    expect(added).toEqual({
      code: 0,
      stdout:
        `Made the key ${young}, first in ${file}. Back that file up, apart from the store.\n` +
        'Next: Restart the server. Of several nodes, give each this file, and restart one after the other. ' +
        'Then run cutover master-key rotate again.\n',
      stderr: '',
    })
    const tooEarly = await machine.run(['master-key', 'rotate'])
    expect([tooEarly.code, tooEarly.stdout]).toEqual([3, ''])
    expect(tooEarly.stderr).toMatch(/^error: Not yet\. Restart node_\w{20}, with the keys of /)
    const dropped = await machine.run(['master-key', 'rotate', '--drop-old'])
    expect([dropped.code, dropped.stderr]).toEqual([
      3,
      expect.stringMatching(/^error: An old master key is still needed/),
    ])
    await first.kill('SIGTERM')

    const second = await machine.installation.start(environment)
    expect(await machine.run(['master-key', 'rotate'])).toEqual({
      code: 0,
      stdout:
        `Sealed anew under ${young}: 1 secrets, 0 kept answers, the signing key of the audit log.\n` +
        `Next: ${old} may go: cutover master-key rotate --drop-old. ` +
        'Keep a copy apart for as long as you would restore a backup from before.\n',
      stderr: '',
    })
    expect(await machine.run(['master-key', 'rotate', '--drop-old'])).toEqual({
      code: 0,
      stdout: `Nothing needs ${old} any more: forgotten. The set without it is in ${file}.\n`,
      stderr: '',
    })
    expect(await kidsOf(machine)).toEqual([young])
    expect(await second.caller.verify(secret)).toMatchObject({ verified: true })
    expect(await machine.json(['master-key', 'rotate', '--drop-old'])).toEqual({
      ...{ kid: young, added: false, writtenTo: null, resealed: null, next: null, dropped: [] },
    })
  })

  it('rotate does everything in one go where no server is running', patience, async () => {
    const machine = await OnMachine.prepare()
    const cutover = await machine.installation.start(environment)
    const { secret } = await cutover.caller.create('One')
    // However it ended.
    await cutover.kill('SIGKILL')
    const [old = ''] = await kidsOf(machine)
    const rotated = await machine.json(['master-key', 'rotate'])
    const [young = ''] = await kidsOf(machine)
    expect(rotated).toMatchObject({
      ...{ kid: young, added: true, dropped: [], next: { step: 'drop', keyIds: [old] } },
      resealed: { secrets: 1, keptAnswers: 0, auditKey: true, unopened: [] },
    })
    expect(await machine.json(['master-key', 'rotate', '--drop-old'])).toMatchObject({ kid: young, dropped: [old] })
    const again = await machine.installation.start(environment)
    expect(await again.caller.verify(secret)).toMatchObject({ verified: true })
  })

  it('rotate writes a new set elsewhere where it is in the environment', patience, async () => {
    const machine = await OnMachine.prepare()
    const keys = { CUTOVER_MASTER_KEYS: masterKeySet('of the environment'.replaceAll(' ', '-')) }
    await (await machine.installation.start(keys)).kill('SIGTERM')
    expect(await machine.run(['master-key', 'rotate'], keys)).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'error: No command can change CUTOVER_MASTER_KEYS: it is in the environment\n' +
        'hint: have the new set written: --out FILE\n',
    })
    const out = join(dirname(machine.installation.dataDirectory), 'new-keys.json')
    const written = await machine.run(['master-key', 'rotate', '--out', out], keys)
    expect([written.code, written.stderr]).toEqual([0, ''])
    expect(written.stdout).toContain(`Next: Have CUTOVER_MASTER_KEYS hold what is in ${out}, on every node,`)
    expect((await stat(out)).mode & 0o777).toBe(0o600)
    const both = { CUTOVER_MASTER_KEYS: await readFile(out, 'utf8') }
    expect((await machine.run(['master-key', 'rotate'], both)).code).toBe(0)
    const dropped = await machine.run(['master-key', 'rotate', '--drop-old'], both)
    expect([dropped.code, dropped.stdout]).toEqual([
      0,
      expect.stringContaining('Take of-the-environment out of CUTOVER_MASTER_KEYS.'),
    ])
    const [young] = JSON.parse(await readFile(out, 'utf8')).keys
    await machine.installation.start({ CUTOVER_MASTER_KEYS: JSON.stringify({ keys: [young] }) })
  })

  it('refuses a store that is not there, and keys that are not those of the store', patience, async () => {
    const machine = await OnMachine.prepare()
    for (const command of ['status', 'rotate']) {
      const { code, stdout, stderr } = await machine.run(['master-key', command], {
        CUTOVER_MASTER_KEYS: masterKeySet('any'),
      })
      expect([code, stdout]).toEqual([1, ''])
      expect(stderr).toMatch(/^error: There is no store in the data directory /)
    }
    await (await machine.installation.start()).kill('SIGTERM')
    const [kid = ''] = await kidsOf(machine)
    expect(await machine.run(['master-key', 'rotate'], { CUTOVER_MASTER_KEYS: masterKeySet('any') })).toEqual({
      code: 1,
      stdout: '',
      stderr: `error: This store was sealed with master key ${kid}, which is not configured: add it again\n`,
    })
  })
})

describe.each(engines)('master-key rotate that is killed while it seals anew, on %s', (engine) => {
  it('leaves a store that serves everything, and ends the same when it is run again', patience, async () => {
    const machine = await OnMachine.prepare(engine)
    const first = await machine.installation.start(environment)
    const secrets: string[] = []
    for (let count = 0; count < 400; count += 1) secrets.push((await first.caller.create(`${count}`)).secret)
    await machine.json(['master-key', 'rotate'])
    const [young = '', old = ''] = await kidsOf(machine)
    await first.kill('SIGTERM')
    const second = await machine.installation.start(environment)

    const running = machine.begin(['master-key', 'rotate'])
    const done = async () => (await sealedUnder(machine.installation))[young] ?? 0
    await expect.poll(done, { interval: 1, timeout: 20_000 }).toBeGreaterThan(0)
    running.kill('SIGKILL')
    await once(running, 'close')
    const left = await sealedUnder(machine.installation)
    expect(left[old]).toBeGreaterThan(1)
    for (const secret of secrets) expect(await second.caller.verify(secret)).toMatchObject({ verified: true })

    const { resealed } = await machine.json<{ resealed: { secrets: number } }>(['master-key', 'rotate'])
    expect(resealed).toEqual({ secrets: (left[old] ?? 0) - 1, keptAnswers: 0, auditKey: true, unopened: [] })
    expect(await sealedUnder(machine.installation)).toEqual({ [young]: 401 })
    expect(await machine.json(['master-key', 'rotate', '--drop-old'])).toMatchObject({ dropped: [old] })
    await second.kill('SIGTERM')
    const third = await machine.installation.start(environment)
    for (const secret of secrets) expect(await third.caller.verify(secret)).toMatchObject({ verified: true })
  })
})
