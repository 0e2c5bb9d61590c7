import { describe, expect, it } from 'vitest'
import { rotateMasterKey } from '../src/local.ts'
import { type CalledCutover, createInstallation, type Installation, masterKeySet } from './installation.ts'
import { localSettings } from './local-settings.ts'
import { sealedUnder } from './sealed-under.ts'
import type { Environment } from './start-cutover.ts'
import { stopped } from './stopped.ts'

const patience = { timeout: 90_000 }
const quietly = { onProgress: () => {}, onWait: () => {} }

const [old] = JSON.parse(masterKeySet('old')).keys
const [young] = JSON.parse(masterKeySet('young')).keys

function having(...keys: readonly object[]): Environment {
  return {
    CUTOVER_MASTER_KEYS: JSON.stringify({ keys }),
    CUTOVER_LEASE_MS: '2000',
    CUTOVER_RATE_LIMIT_PER_MINUTE: '0',
    CUTOVER_MAX_ACTIVE_SECRETS: '1000',
  }
}

interface Known {
  readonly id: string
  readonly secret: string
}

/** Every one of `nodes` makes a secret, and verifies all that are known. */
async function makeAndVerify(nodes: readonly CalledCutover[], known: Known[]): Promise<void> {
  for (const node of nodes) known.push(await node.caller.create('One more'))
  for (const node of nodes) {
    const verdicts = await Promise.all(known.map(({ secret }) => node.caller.verify(secret)))
    expect(verdicts.map(({ verified }) => verified)).toEqual(known.map(() => true))
  }
}

function stateOf(installation: Installation, kid: string): Promise<string | undefined> {
  return installation.read(async (db) => {
    const row = await db.selectFrom('master_key_checks').select('state').where('kid', '=', kid).executeTakeFirst()
    return row?.state
  })
}

describe('three nodes on PostgreSQL that are given a new first key one after the other', () => {
  it('open everything at every moment, and seal with it from when the last of them has it', patience, async () => {
    const installation = await createInstallation('postgres')
    const known: Known[] = []
    const nodes: CalledCutover[] = []
    for (const _ of [1, 2, 3]) nodes.push(await installation.start(having(old)))
    await makeAndVerify(nodes, known)
    for (const index of [0, 1, 2]) {
      expect(await stateOf(installation, 'young'), `before restart ${index}`).toBe(index === 0 ? undefined : 'known')
      await nodes[index]?.kill('SIGTERM')
      await makeAndVerify(nodes.toSpliced(index, 1), known)
      nodes[index] = await installation.start(having(young, old))
      await makeAndVerify(nodes, known)
      const { young: sealed = 0 } = await sealedUnder(installation)
      expect(sealed, `after restart ${index}`).toBe(index === 2 ? 3 : 0)
    }
    expect(await stateOf(installation, 'young')).toBe('admitted')
    expect(await installation.attempt(having(old))).toMatchObject({
      code: 1,
      stderr: 'This store was sealed with master key young, which is not configured: add it again\n',
    })
  })

  it('let one that crashed come back with the old keys, as long as the others wait for it', patience, async () => {
    const installation = await createInstallation('postgres')
    const waiting = await installation.start(having(old))
    const crashed = await installation.start(having(old))
    await waiting.kill('SIGTERM')
    const nodes = [await installation.start(having(young, old)), crashed]
    await crashed.kill('SIGKILL')
    nodes[1] = await installation.start(having(old))
    await makeAndVerify(nodes, [])
    expect(await sealedUnder(installation)).toEqual({ old: 3 })
  })
})

describe('a node that lacks a new first key', () => {
  it('does not hold it up once it is dead', patience, async () => {
    const installation = await createInstallation('postgres')
    const dead = await installation.start(having(old))
    const node = await installation.start(having(young, old))
    const known = [await node.caller.create('Before')]
    await dead.kill('SIGKILL')
    const waits: number[] = []
    const watcher = { ...quietly, onWait: (ms: number) => void waits.push(ms) }
    // Its lease may not be over yet.
    await expect
      .poll(() => rotateMasterKey(localSettings(installation, having(young, old)), {}, watcher).catch(String), {
        timeout: 20_000,
      })
      .toMatchObject({ kid: 'young', resealed: { secrets: 1, auditKey: true } })
    expect(waits).toHaveLength(1)
    expect(await sealedUnder(installation)).toEqual({ young: 2 })
    await makeAndVerify([node], known)
  })

  it('answers nothing any more when it was stopped meanwhile, rather than something wrong', patience, async () => {
    const installation = await createInstallation('postgres')
    const behind = await installation.start(having(old))
    const before = await behind.caller.create('Before')
    const node = await installation.start(having(young, old))
    const stop = stopped(behind.pid)
    await expect
      .poll(() => rotateMasterKey(localSettings(installation, having(young, old)), {}, quietly).catch(String), {
        timeout: 20_000,
      })
      .toMatchObject({ kid: 'young' })
    const after = await node.caller.create('After')
    stop.continue()
    await expect.poll(() => behind.stderr, { timeout: 10_000 }).toContain('others seal with these master keys')
    for (const { secret } of [before, after]) {
      await expect(behind.caller.verify(secret)).rejects.toThrow('answered 503')
      expect(await node.caller.verify(secret)).toMatchObject({ verified: true })
    }
    expect((await behind.caller.call('GET', '/readyz')).status).toBe(503)
  })

  it('keeps a rotation from its next step while it runs, and is named', patience, async () => {
    const installation = await createInstallation('postgres')
    await installation.start(having(old))
    const node = await installation.start(having(young, old))
    const rotation = rotateMasterKey(localSettings(installation, having(young, old)), {}, quietly)
    await expect(rotation).rejects.toThrow(/^Not yet\. Restart node_\w{20}, with the keys of CUTOVER_MASTER_KEYS in/)
    await makeAndVerify([node], [])
    expect(await sealedUnder(installation)).toEqual({ old: 2 })
  })
})

describe('workers on one SQLite file', () => {
  it('seal with a new first key from their start on, and are listed with it', patience, async () => {
    const installation = await createInstallation()
    const two = { parameters: ['--workers', '2'] }
    const first = await installation.start(having(old), two)
    const known = [await first.caller.create('Before')]
    await first.kill('SIGTERM')
    const second = await installation.start(having(young, old), two)
    await makeAndVerify([second], known)
    expect(await sealedUnder(installation)).toEqual({ old: 2, young: 1 })
    const rotation = await rotateMasterKey(localSettings(installation, having(young, old)), {}, quietly)
    expect(rotation).toMatchObject({ kid: 'young', resealed: { secrets: 1, auditKey: true }, next: { step: 'drop' } })
    await makeAndVerify([second], known)
  })
})

describe('two keys of one name', () => {
  it('never come to seal: the second node is refused', async () => {
    const installation = await createInstallation('postgres')
    await installation.start(having(old, young))
    const [other] = JSON.parse(masterKeySet('young')).keys
    expect(await installation.attempt(having(other, old))).toMatchObject({
      code: 1,
      stderr:
        'The configured master key young is not the one of that name that this store was sealed with: configure that one\n',
    })
  })
})
