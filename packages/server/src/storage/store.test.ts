import { verifyAuditLog } from '@cutover/signing'
import BetterSqlite from 'better-sqlite3'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { engines, type InProcess, startInProcess } from '../../test/in-process.ts'
import type { AuditDraft } from '../audit/ports.ts'
import { type DisplayName, parseDisplayName } from '../display-name.ts'
import type { IdentitySecretId } from '../identity-secrets/identity-secret.ts'
import type { Repositories } from './store.ts'

function nameOf(text: string): DisplayName {
  const parsed = parseDisplayName(text)
  if ('fault' in parsed) throw new Error(parsed.fault)
  return parsed.name
}

function insertSecret(tx: Repositories, { workspaceId }: InProcess, name = 'a'): Promise<IdentitySecretId> {
  const platforms = { web: true, ios: false, android: false }
  const row = { workspaceId, name: nameOf(name), platforms, fingerprint: 'f', createdAtMs: 1, createdBy: 'me' }
  return tx.identitySecrets.insert(row)
}

function draft(chain: string, id: string): AuditDraft {
  return {
    chain,
    action: 'identity_secret.created',
    actor: { type: 'system', id: 'a test', name: null },
    resource: { type: 'identity_secret', id },
    result: 'success',
    metadata: { id, nested: { b: [1, 'ü'], a: null } },
    requestId: null,
    ip: '127.0.0.1',
  }
}

describe.each(engines)('the store on %s', (engine) => {
  it('keeps all of a transaction or nothing', async () => {
    await using cutover = await startInProcess({ engine })
    const { store } = cutover.cutover
    const before = await store.read.epoch.since(0)
    const failing = store.transaction(async (tx) => {
      await tx.epoch.advance()
      await insertSecret(tx, cutover)
      await tx.audit.append(draft(cutover.workspaceId, '1'), 1)
      throw new Error('changed my mind')
    })
    await expect(failing).rejects.toThrow('changed my mind')
    expect(await store.read.epoch.since(0)).toEqual(before)
    expect(await store.read.identitySecrets.list(cutover.workspaceId)).toEqual([])
    expect(await store.read.audit.page(cutover.workspaceId, 0, 10)).toEqual([])
  })

  it('gives out epochs in order and without gaps to transactions that run at once', async () => {
    await using cutover = await startInProcess({ engine })
    const { store, node } = cutover.cutover
    const start = node.applied
    const advance = () =>
      store.transaction(async (tx) => {
        const epoch = await tx.epoch.advance()
        const { size, hash } = await tx.audit.head('instance')
        const place = { chain: 'instance', sequence: size, hash }
        await tx.epoch.record({ epoch, workspaceId: cutover.workspaceId, part: 'keyset' }, place)
        return epoch
      })
    const epochs = await Promise.all(Array.from({ length: 30 }, advance))
    const expected = Array.from({ length: 30 }, (_, index) => start + 1 + index)
    expect([...epochs].sort((a, b) => a - b)).toEqual(expected)
    const { current, changes } = await store.read.epoch.since(start)
    expect(current).toBe(start + 30)
    expect(changes.map(({ epoch }) => epoch)).toEqual(expected)
  })

  it('never gives out the id of a secret again, not even that of a row that is gone', async () => {
    await using cutover = await startInProcess({ engine })
    const { store, opened } = cutover.cutover
    const insert = () => store.transaction((tx) => insertSecret(tx, cutover))
    const id = await insert()
    await opened.db.deleteFrom('signing_secrets').where('id', '=', Number(id)).execute()
    expect(Number(await insert())).toBeGreaterThan(Number(id))
  })

  it('deletes a secret once, only in its own workspace', async () => {
    await using cutover = await startInProcess({ engine })
    const { store } = cutover.cutover
    const other = await cutover.createWorkspace('Other')
    const id = await store.transaction((tx) => insertSecret(tx, cutover))
    const deletion = { atMs: 5, by: 'me', epoch: 9 }
    const deleteIn = (workspaceId: string) =>
      store.transaction((tx) => tx.identitySecrets.markDeleted(workspaceId, id, deletion))
    expect(await deleteIn(other)).toBe(false)
    expect([await deleteIn(cutover.workspaceId), await deleteIn(cutover.workspaceId)]).toEqual([true, false])
    expect(await store.read.identitySecrets.deletedAtEpoch(cutover.workspaceId, id)).toBe(9)
    expect(await store.read.identitySecrets.deletedAtEpoch(other, id)).toBeNull()
  })

  it('keeps audit entries as they were written, one chain a workspace, and shows where one was altered', async () => {
    await using cutover = await startInProcess({ engine })
    const { store, opened } = cutover.cutover
    const other = await cutover.createWorkspace('Other')
    const appends = Array.from({ length: 20 }, (_, index) =>
      store.transaction((tx) => tx.audit.append(draft(index % 2 ? other : cutover.workspaceId, `${index}`), index)),
    )
    await Promise.all(appends)
    for (const chain of [cutover.workspaceId, other]) {
      const entries = await store.read.audit.page(chain, 0, 100)
      expect(entries.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
      expect(await verifyAuditLog(entries)).toMatchObject({ verified: true })
    }
    await opened.db
      .updateTable('audit_log')
      .set({ actor_id: 'somebody else' })
      .where('chain', '=', other)
      .where('sequence', '=', 4)
      .execute()
    const altered = await verifyAuditLog(await store.read.audit.page(other, 0, 100))
    expect(altered).toMatchObject({ sequence: 4, reason: 'edited' })
    expect(await store.read.audit.page(other, 3, 1)).toMatchObject([{ sequence: 4 }])
  })

  it('reads keyset and epoch of one moment, and tells no workspace from one without secrets', async () => {
    await using cutover = await startInProcess({ engine })
    const { store, node } = cutover.cutover
    const unknown = await store.read.keysets.load('ws_00000000000000000000', 0)
    expect(unknown).toEqual({ epoch: node.applied, workspace: null })
    const empty = await store.read.keysets.load(cutover.workspaceId, 0)
    const enforcement = { web: 'enforce', ios: 'enforce', android: 'enforce' }
    expect(empty).toEqual({ epoch: node.applied, workspace: { enforcement, secrets: [] } })
    const id = await store.transaction(async (tx) => {
      const inserted = await insertSecret(tx, cutover)
      await tx.identitySecrets.setSealedMaterial(cutover.workspaceId, inserted, 'sealed')
      return inserted
    })
    const platforms = { web: true, ios: false, android: false }
    const secrets = [{ id, sealed: 'sealed', platforms, acceptedFromMs: null, expiresAtMs: null }]
    expect((await store.read.keysets.load(cutover.workspaceId, 0)).workspace?.secrets).toEqual(secrets)
  })
})

it('a transaction on SQLite is a writer from its first statement on, so that what it read stays true', async () => {
  await using cutover = await startInProcess()
  const { rows } = await sql<{ file: string }>`select file from pragma_database_list`.execute(cutover.cutover.opened.db)
  const other = new BetterSqlite(rows[0]?.file ?? '', { timeout: 0 })
  await cutover.cutover.store.transaction(async (tx) => {
    await tx.identitySecrets.countLive(cutover.workspaceId, 0)
    expect(() => other.exec('begin immediate')).toThrow('database is locked')
  })
  other.exec('begin immediate')
  other.close()
})
