import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { verifyAuditLog } from '@cutover/signing'
import { describe, expect, it } from 'vitest'
import { storeLocation } from '../src/local/store-location.ts'
import { dropOldMasterKeys, masterKeyStatus, rotateMasterKey } from '../src/local.ts'
import { boundSealers } from '../src/sealing/bound-sealers.ts'
import { parseMasterKeys } from '../src/sealing/master-keys.ts'
import { createSealer } from '../src/sealing/sealer.ts'
import { visitStore } from '../src/storage/open-store.ts'
import { type CalledCutover, createInstallation, engines, type Installation } from './installation.ts'
import { localSettings } from './local-settings.ts'
import { sealedUnder } from './sealed-under.ts'

const patience = { timeout: 90_000 }
const environment = { CUTOVER_RATE_LIMIT_PER_MINUTE: '0', CUTOVER_MAX_ACTIVE_SECRETS: '1000', CUTOVER_LEASE_MS: '2000' }
const quietly = { onProgress: () => {}, onWait: () => {} }

const rotate = (installation: Installation) => rotateMasterKey(localSettings(installation), {}, quietly)
const drop = (installation: Installation) => dropOldMasterKeys(localSettings(installation), {})

function keysOf({ dataDirectory }: Installation): Promise<string> {
  return readFile(join(dataDirectory, 'master-keys.json'), 'utf8')
}

async function kidsOf(installation: Installation): Promise<string[]> {
  return JSON.parse(await keysOf(installation)).keys.map(({ kid }: { kid: string }) => kid)
}

async function json(cutover: CalledCutover, method: string, path: string, body?: object) {
  return JSON.parse((await cutover.caller.call(method, path, body === undefined ? {} : { body })).text)
}

/** What there is to seal anew: live secrets and dead ones, of users and of an integrator, and kept answers. */
async function furnish(cutover: CalledCutover) {
  const live: { id: string; secret: string }[] = []
  for (let count = 0; count < 120; count += 1) live.push(await cutover.caller.create(`Live ${count}`))
  const dead = await cutover.caller.create('Deleted')
  await cutover.caller.delete(dead.id)
  const integrator = await json(cutover, 'POST', '/v1/integrators', { name: 'Partner' })
  const first = await cutover.caller.post('Kept', { idempotencyKey: 'kept' })
  return { live, dead, integrator, first }
}

type Furniture = Awaited<ReturnType<typeof furnish>>

async function expectEverything(cutover: CalledCutover, { live, dead, first }: Furniture): Promise<void> {
  for (const { id, secret } of live) {
    expect(await cutover.caller.verify(secret)).toMatchObject({ verified: true, secretId: id })
  }
  expect(await cutover.caller.verify(dead.secret)).toMatchObject({ verified: false })
  expect((await cutover.caller.post('Kept', { idempotencyKey: 'kept' })).text).toBe(first.text)
}

/** Creates, verifies and deletes until it is told to stop; anything but success is a failure of the test. */
function keepBusy(cutover: CalledCutover, { live, first }: Furniture) {
  let isOver = false
  let rounds = 0
  const working = (async () => {
    for (; !isOver; rounds += 1) {
      const { id, secret } = await cutover.caller.create('Meanwhile')
      expect(await cutover.caller.verify(secret)).toMatchObject({ verified: true, secretId: id })
      const one = live[rounds % live.length]
      expect(await cutover.caller.verify(one?.secret ?? '')).toMatchObject({ verified: true, secretId: one?.id })
      expect((await cutover.caller.post('Kept', { idempotencyKey: 'kept' })).text).toBe(first.text)
      expect((await cutover.caller.delete(id)).status).toBe(204)
    }
  })()
  const stop = async () => {
    isOver = true
    await working
    return rounds
  }
  return { stop }
}

describe.each(engines)('a rotation of the master key on %s', (engine) => {
  it('ends with everything under the new key alone, while the server works on', patience, async () => {
    const installation = await createInstallation(engine)
    const first = await installation.start(environment)
    const furniture = await furnish(first)
    const publicKey = await json(first, 'GET', '/v1/audit-log/key')
    const checkpoints = [await json(first, 'GET', '/v1/audit-log/checkpoint')]
    const oldKeys = await keysOf(installation)
    const [old = ''] = await kidsOf(installation)

    const made = await rotate(installation)
    const [young = '', ...others] = await kidsOf(installation)
    expect([made.kid, made.added, others]).toEqual([young, true, [old]])
    await expect(rotate(installation)).rejects.toThrow(/^Not yet\. Restart node_/)
    await expect(drop(installation)).rejects.toThrow(/^An old master key is still needed\. Restart node_/)
    expect(Object.keys(await sealedUnder(installation))).toEqual([old])
    await first.kill('SIGTERM')

    const second = await installation.start(environment)
    const busy = keepBusy(second, furniture)
    const rotation = await rotate(installation)
    expect(await busy.stop()).toBeGreaterThan(0)
    expect(rotation).toMatchObject({
      ...{ kid: young, added: false, next: { step: 'drop', keyIds: [old] } },
      resealed: { auditKey: true, unopened: [] },
    })
    expect(rotation.resealed?.secrets).toBeGreaterThanOrEqual(123)
    expect(Object.keys(await sealedUnder(installation))).toEqual([young])
    expect(await rotate(installation)).toMatchObject({ resealed: null, next: { step: 'drop' } })

    expect(await drop(installation)).toMatchObject({ kid: young, dropped: [old] })
    expect(await kidsOf(installation)).toEqual([young])
    expect((await stat(join(installation.dataDirectory, 'master-keys.json'))).mode & 0o777).toBe(0o600)
    expect(await drop(installation)).toEqual({ kid: young, dropped: [], writtenTo: null, words: null })
    await expectEverything(second, furniture)
    await second.kill('SIGTERM')

    const third = await installation.start(environment)
    await expectEverything(third, furniture)
    expect(await json(third, 'GET', '/v1/audit-log/key')).toEqual(publicKey)
    checkpoints.push(await json(third, 'GET', '/v1/audit-log/checkpoint'))
    const { text } = await third.caller.call('GET', '/v1/audit-log/export')
    const lines = text.split('\n').filter((line) => line !== '')
    expect(await verifyAuditLog(lines, { checkpoints, publicKey })).toMatchObject({ verified: true })
    const { data } = await json(third, 'GET', '/v1/audit-log?chain=instance')
    const actions: string[] = data.map(({ action }: { action: string }) => action).reverse()
    expect(actions.filter((action) => action.startsWith('master_key.'))).toEqual([
      'master_key.admitted',
      'master_key.retired',
      'master_key.rotated',
      'master_key.dropped',
    ])
    await third.kill('SIGTERM')
    expect(await installation.attempt({ CUTOVER_MASTER_KEYS: oldKeys })).toMatchObject({
      code: 1,
      stderr: `This store was sealed with master key ${young}, which is not configured: add it again\n`,
    })
  })

  it('leaves each value bound to its row', async () => {
    const installation = await createInstallation(engine)
    const cutover = await installation.start(environment)
    const secrets = [await cutover.caller.create('One'), await cutover.caller.create('Two')]
    await rotate(installation)
    await cutover.kill('SIGTERM')
    await installation.start(environment)
    await rotate(installation)
    const rows = await installation.read((db) =>
      db.selectFrom('signing_secrets').select(['id', 'workspace_id', 'sealed']).orderBy('id').execute(),
    )
    const sealer = boundSealers(createSealer(parseMasterKeys(await keysOf(installation), 'keys')), [])
    for (const [index, { id, workspace_id: workspaceId, sealed }] of rows.entries()) {
      const place = { use: 'identity_secret', workspaceId, id: String(id) } as const
      expect(await sealer.openMaterial(sealed ?? '', place)).toBe(secrets[index]?.secret)
      const elsewhere = { ...place, id: String(rows[1 - index]?.id) }
      await expect(sealer.openMaterial(sealed ?? '', elsewhere)).rejects.toMatchObject({ code: 'binding_mismatch' })
    }
  })

  it('does not drop a key while a value is not known to be under the new one', async () => {
    const installation = await createInstallation(engine)
    const cutover = await installation.start(environment)
    const { id } = await cutover.caller.create('Damaged')
    const whole = await cutover.caller.create('Whole')
    const setSealed = async (sealed: string | null) => {
      const visited = await visitStore(storeLocation(localSettings(installation)))
      await visited.db.updateTable('signing_secrets').set({ sealed }).where('id', '=', Number(id)).execute()
      await visited.close()
    }
    await cutover.kill('SIGTERM')
    const [old = ''] = await kidsOf(installation)
    await setSealed('damaged')
    let rotation = await rotate(installation)
    // Nodes on PostgreSQL may be anywhere, and have to be given the new key first.
    if (rotation.resealed === null) rotation = await rotate(installation)
    expect(rotation.resealed).toMatchObject({ secrets: 1, unopened: [id] })
    const again = await installation.start(environment)
    expect((await masterKeyStatus(localSettings(installation))).underOtherKeys).toBe(1)
    await expect(drop(installation)).rejects.toThrow(/^1 sealed values are neither under/)
    await setSealed(null)
    expect(await drop(installation)).toMatchObject({ dropped: [old] })
    expect(await again.caller.verify(whole.secret)).toMatchObject({ verified: true })
  })
})
