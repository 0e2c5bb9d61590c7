import { genesisHash, verifyAuditLog } from '@cutover/signing'
import { describe, expect, it } from 'vitest'
import { type AuditDraft, type AuditEntry, chainEntry } from './audit-entry.ts'
import { type NotedRefusal, RefusalRecorder } from './refusal-recorder.ts'

const draft: AuditDraft = {
  chain: 'instance',
  action: 'workspace.created',
  actor: { type: 'system', id: 'a', name: null },
  resource: { type: 'workspace', id: 'ws_a' },
  result: 'success',
  metadata: { name: 'é' },
  requestId: null,
  ip: null,
}

function chain(length: number): AuditEntry[] {
  const entries: AuditEntry[] = []
  let head = { size: 0, hash: genesisHash }
  for (let index = 0; index < length; index += 1) {
    const entry = chainEntry({ ...draft, metadata: { index } }, head, index)
    entries.push(entry)
    head = { size: entry.sequence, hash: entry.hash }
  }
  return entries
}

describe('the audit chain', () => {
  it('has a fixed form: another implementation gets the same hash', () => {
    const entry = chainEntry(draft, { size: 0, hash: genesisHash }, Date.UTC(2026, 0, 1))
    expect(entry.hash).toBe('dc94db4323dc9cc90a349dc74754cedebca4b48bb8e6b2ac3c93a5b41a3b98d4')
  })

  it('is one that the verifier of exports finds whole', async () => {
    expect(await verifyAuditLog(chain(20))).toMatchObject({ verified: true, size: 20 })
  })
})

describe('refusals', () => {
  const refusal: NotedRefusal = {
    chain: 'instance',
    action: 'access.refused',
    actor: { type: 'address', id: '192.0.2.1', name: null },
    code: 'token_invalid',
    method: 'GET',
    route: '/secure_mode_secrets',
    requestId: 'r',
    ip: '192.0.2.1',
  }

  function recorder(append: (draft: AuditDraft) => Promise<void> = async () => {}) {
    const written: AuditDraft[] = []
    const errors: unknown[] = []
    const audit = {
      append: async (each: AuditDraft) => {
        await append(each)
        written.push(each)
        return { chain: each.chain, sequence: written.length, hash: '' }
      },
    }
    const store = { transaction: <Result>(work: (tx: { audit: typeof audit }) => Promise<Result>) => work({ audit }) }
    const ports = {
      store,
      system: { nowMs: () => 0, randomBytes: () => new Uint8Array() },
      onError: (e: unknown) => void errors.push(e),
    }
    return { recorder: new RefusalRecorder(ports), written, errors }
  }

  it('are written at once when they are the first of their kind, and then counted until the next flush', async () => {
    const { recorder: refusals, written } = recorder()
    for (let count = 0; count < 1000; count += 1) refusals.note(refusal)
    refusals.note({ ...refusal, code: 'scope_missing' })
    await refusals.flush()
    expect(written.map(({ metadata }) => [metadata['code'], metadata['count']])).toEqual([
      ['token_invalid', 1],
      ['scope_missing', 1],
      ['token_invalid', 999],
    ])
    refusals.note(refusal)
    await refusals.flush()
    expect(written).toHaveLength(4)
  })

  it('of a flood of addresses take a bounded number of entries, and none goes uncounted', async () => {
    const { recorder: refusals, written } = recorder()
    for (let count = 0; count < 5000; count += 1) {
      refusals.note({ ...refusal, actor: { type: 'address', id: `2001:db8::${count.toString(16)}`, name: null } })
    }
    await refusals.flush()
    expect(written).toHaveLength(1001)
    expect(written.reduce((sum, { metadata }) => sum + Number(metadata['count']), 0)).toBe(5000)
  })

  it('that cannot be written are reported, and those after them are written', async () => {
    let turn = 0
    const {
      recorder: refusals,
      written,
      errors,
    } = recorder(async () => {
      turn += 1
      if (turn === 1) throw new Error('no store')
    })
    refusals.note(refusal)
    refusals.note({ ...refusal, code: 'scope_missing' })
    await refusals.flush()
    expect(errors).toEqual([new Error('no store')])
    expect(written).toHaveLength(1)
  })
})
