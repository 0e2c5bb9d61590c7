import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { engines, type InProcess, startInProcess } from '../../test/in-process.ts'
import { type MasterKeys, parseMasterKeys } from '../sealing/master-keys.ts'
import { withNewKey } from '../sealing/master-keys-file.ts'
import { sealedBeginning } from '../sealing/sealer.ts'
import { GuardRefusal } from './refusals.ts'
import { reseal } from './reseal.ts'

const system = { nowMs: Date.now, randomBytes }
const actor = { type: 'system', id: 'a test', name: null } as const

/** The keys of a server, and a new one in front of them. */
async function keysWithNew({ dataDirectory }: InProcess): Promise<MasterKeys> {
  const { json } = withNewKey(await readFile(join(dataDirectory, 'master-keys.json'), 'utf8'), system)
  return parseMasterKeys(json, 'the keys of this test')
}

async function create(cutover: InProcess, name: string): Promise<{ readonly id: string; readonly secret: string }> {
  const body = { name, supports_web: true, supports_ios: true, supports_android: true }
  return (await cutover.call({ method: 'POST', url: '/secure_mode_secrets', body })).json()
}

const all = { after: 0, until: Number.MAX_SAFE_INTEGER }

describe.each(engines)('sealing anew on %s', (engine) => {
  it('is refused under a key that may not seal, and changes nothing', async () => {
    await using cutover = await startInProcess({ engine })
    await create(cutover, 'One')
    const masterKeys = await keysWithNew(cutover)
    const [{ kid }] = masterKeys
    const { store } = cutover.cutover
    const before = await store.read.sealedRows.otherSecrets(all, sealedBeginning(kid))
    for (const state of ['known', 'retired'] as const) {
      await store.read.masterKeys.insert({ kid, checkValue: '', state }, 0)
      await store.read.masterKeys.setState(kid, state)
      const resealing = reseal({ store, masterKeys, system, actor, onProgress: () => {} })
      await expect(resealing).rejects.toThrow(GuardRefusal)
    }
    expect(await store.read.sealedRows.otherSecrets(all, sealedBeginning(kid))).toEqual(before)
    expect(before).toHaveLength(1)
  })

  it('never brings back what was destroyed after it was read', async () => {
    await using cutover = await startInProcess({ engine })
    const { id } = await create(cutover, 'Purged meanwhile')
    const { store } = cutover.cutover
    const [read] = await store.read.sealedRows.otherSecrets(all, 'nothing begins like this')
    if (!read) throw new Error('there is one')
    await store.read.identitySecrets.destroyMaterialOf(cutover.workspaceId)
    expect(await store.read.sealedRows.replaceSecret(read, 'sealed anew')).toBe(false)
    expect(await store.read.sealedRows.otherSecrets(all, 'nothing begins like this')).toEqual([])
    expect(read.place).toEqual({ use: 'identity_secret', workspaceId: cutover.workspaceId, id })
  })

  it('tells how far it is, and counts what is under which key', async () => {
    await using cutover = await startInProcess({ engine })
    for (const name of ['One', 'Two', 'Three']) await create(cutover, name)
    const masterKeys = await keysWithNew(cutover)
    const [{ kid: young }, { kid: old } = { kid: '' }] = masterKeys
    const { store } = cutover.cutover
    await store.read.masterKeys.insert({ kid: young, checkValue: '', state: 'admitted' }, 0)
    const count = () => store.read.sealedRows.countSecrets(all, [young, old].map(sealedBeginning))
    expect(await count()).toEqual({ total: 3, beginning: [0, 3] })
    const told: number[][] = []
    const resealed = await reseal({ store, masterKeys, system, actor, onProgress: (...at) => void told.push(at) })
    expect(resealed).toEqual({ secrets: 3, keptAnswers: 0, auditKey: true, unopened: [] })
    expect(told).toEqual([
      [3, 3],
      [3, 3],
    ])
    expect(await count()).toEqual({ total: 3, beginning: [3, 0] })
    expect(await store.read.sealedRows.countSecrets({ after: 1, until: 2 }, [])).toEqual({ total: 1, beginning: [] })
  })
})
