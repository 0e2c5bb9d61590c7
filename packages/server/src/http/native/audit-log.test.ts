import { createPublicKey, verify } from 'node:crypto'
import type { AuditEntry } from '@cutover/contract'
import { checkpointText, genesisHash, verifyAuditLog } from '@cutover/signing'
import type { LightMyRequestResponse } from 'fastify'
import { describe, expect, it } from 'vitest'
import { appendEntries } from '../../../test/audit-entries.ts'
import { engines, type InProcess, startInProcess } from '../../../test/in-process.ts'

function expectProblem(response: LightMyRequestResponse, status: number, code: string): void {
  expect(response.headers['content-type']).toBe('application/problem+json; charset=utf-8')
  expect([response.statusCode, response.json().code]).toEqual([status, code])
}

async function list(cutover: InProcess, query = ''): Promise<readonly AuditEntry[]> {
  const response = await cutover.call({ url: `/v1/audit-log${query}` })
  expect(response.statusCode).toBe(200)
  return response.json().data
}

async function sequences(cutover: InProcess, query: string): Promise<readonly number[]> {
  return (await list(cutover, query)).map(({ sequence }) => sequence)
}

const create = { method: 'POST', url: '/secure_mode_secrets', payload: { name: 'Spring', supports_web: true } } as const

describe.each(engines)('the audit log on %s', (engine) => {
  it('tells who did what, from where and with what result, newest first', async () => {
    await using cutover = await startInProcess({ engine })
    const created = await cutover.call(create)
    const token = await cutover.createToken({ scopes: ['verify'], workspaceId: cutover.workspaceId })
    const refused = await cutover.call({ ...create, token })
    await cutover.cutover.refusals.flush()
    const [second, first] = await list(cutover)
    expect(first).toMatchObject({
      sequence: 1,
      timestamp: new Date(cutover.clock.nowMs).toISOString(),
      action: 'identity_secret.created',
      actor: { type: 'access_token', name: 'First token' },
      resource: { type: 'identity_secret', id: created.json().id },
      result: 'success',
      metadata: { name: 'Spring' },
      requestId: created.headers['x-request-id'],
      ip: '127.0.0.1',
      previousHash: genesisHash,
    })
    expect(second).toMatchObject({
      sequence: 2,
      action: 'identity_secret.created',
      actor: { type: 'access_token', name: 'a test' },
      resource: { type: 'request', id: null },
      result: 'failure',
      metadata: { code: 'scope_missing', count: 1 },
      requestId: refused.headers['x-request-id'],
      previousHash: first?.hash,
    })
    expect(JSON.stringify([first, second])).not.toContain(created.json().secret)
  })

  it('is filtered by actor, action, resource, result and time, and by all of them at once', async () => {
    await using cutover = await startInProcess({ engine })
    const chain = cutover.workspaceId
    const start = cutover.clock.nowMs
    const iso = (seconds: number) => encodeURIComponent(new Date(start + seconds * 1000).toISOString())
    for (const [index, actor, action, resource, result] of [
      [0, 'tok_a', 'identity_secret.created', '1', 'success'],
      [1, 'tok_b', 'identity_secret.created', '2', 'success'],
      [2, 'tok_a', 'identity_secret.deleted', '1', 'success'],
      [3, 'tok_a', 'identity_secret.deleted', '2', 'failure'],
    ] as const) {
      await appendEntries(cutover, [{ chain, actor, action, resource, result, atMs: start + index * 1000 }])
    }
    expect(await sequences(cutover, '?actor=tok_a')).toEqual([4, 3, 1])
    expect(await sequences(cutover, '?action=identity_secret.created')).toEqual([2, 1])
    expect(await sequences(cutover, '?resource=2')).toEqual([4, 2])
    expect(await sequences(cutover, '?result=failure')).toEqual([4])
    // Half-open: from the very moment, up to before the other.
    expect(await sequences(cutover, `?from=${iso(1)}&to=${iso(3)}`)).toEqual([3, 2])
    expect(await sequences(cutover, `?from=${encodeURIComponent('2026-11-21T14:00:03+02:00')}`)).toEqual([4])
    expect(await sequences(cutover, `?actor=tok_a&action=identity_secret.deleted&resource=1&result=success`)).toEqual([
      3,
    ])
    expect(await sequences(cutover, '?actor=tok_c')).toEqual([])
    expect(await sequences(cutover, `?from=${iso(4)}`)).toEqual([])
  })

  it('is read in pages that neither repeat nor miss an entry, while others are appended', async () => {
    await using cutover = await startInProcess({ engine })
    const chain = cutover.workspaceId
    // Two at each moment: time alone is no place in the order.
    const atMs = (index: number) => cutover.clock.nowMs + Math.floor(index / 2)
    await appendEntries(
      cutover,
      Array.from({ length: 9 }, (_, index) => ({ chain, atMs: atMs(index) })),
    )
    const seen: number[] = []
    let query = '?limit=4'
    for (let pages = 0; pages < 3; pages += 1) {
      const { data, nextCursor } = (await cutover.call({ url: `/v1/audit-log${query}` })).json()
      seen.push(...data.map(({ sequence }: AuditEntry) => sequence))
      await appendEntries(cutover, [{ chain, atMs: atMs(20) }])
      query = `?limit=4&cursor=${nextCursor}`
      expect(nextCursor === null).toBe(pages === 2)
    }
    expect(seen).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1])
  })

  it('has pages of 50 unless asked otherwise, and of 200 at most', async () => {
    await using cutover = await startInProcess({ engine })
    await appendEntries(
      cutover,
      Array.from({ length: 210 }, () => ({ chain: cutover.workspaceId })),
    )
    expect(await list(cutover)).toHaveLength(50)
    expect(await list(cutover, '?limit=200')).toHaveLength(200)
    expect(await list(cutover, '?limit=1')).toHaveLength(1)
    const { nextCursor } = (await cutover.call({ url: '/v1/audit-log?limit=200' })).json()
    const last = await cutover.call({ url: `/v1/audit-log?limit=200&cursor=${nextCursor}` })
    expect([last.json().data.length, last.json().nextCursor]).toEqual([10, null])
  })

  it('is exported whole, oldest first, and verifies with the checkpoint and the key', async () => {
    await using cutover = await startInProcess({ engine })
    await cutover.call(create)
    await appendEntries(
      cutover,
      Array.from({ length: 250 }, () => ({ chain: cutover.workspaceId })),
    )
    const response = await cutover.call({ url: '/v1/audit-log/export' })
    expect(response.statusCode).toBe(200)
    expect(response.headers['content-type']).toBe('application/x-ndjson')
    const checkpoint = (await cutover.call({ url: '/v1/audit-log/checkpoint' })).json()
    const publicKey = (await cutover.call({ url: '/v1/audit-log/key' })).json()
    const lines = response.body.split('\n')
    expect(lines).toHaveLength(252)
    const options = { checkpoints: [checkpoint], publicKey }
    expect(await verifyAuditLog(lines, options)).toMatchObject({ verified: true, size: 251, checkpointedSize: 251 })
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ sequence: 1, metadata: { name: 'Spring' } })
    const found = { verified: false, sequence: 201, reason: 'cut_off' }
    expect(await verifyAuditLog(lines.slice(0, 200), options)).toMatchObject(found)
  })

  it('breaks off the export of a chain that ends too early, and exports an altered row so that it can be named', async () => {
    await using cutover = await startInProcess({ engine })
    await appendEntries(
      cutover,
      Array.from({ length: 150 }, () => ({ chain: cutover.workspaceId })),
    )
    const { db } = cutover.cutover.opened
    await db.updateTable('audit_log').set({ metadata: 'no JSON' }).where('sequence', '=', 7).execute()
    const { body } = await cutover.call({ url: '/v1/audit-log/export' })
    expect(await verifyAuditLog(body.split('\n'))).toMatchObject({ sequence: 7, reason: 'edited' })
    await db.deleteFrom('audit_log').where('sequence', '>', 120).execute()
    await expect(cutover.call({ url: '/v1/audit-log/export' })).rejects.toThrow('destroyed')
    expect(cutover.log.join('')).toContain('ends after entry 120, and its head says 150')
  })

  it('has a key of its own for each installation, which stays the same, and whose id is its thumbprint', async () => {
    await using cutover = await startInProcess({ engine })
    const key = (await cutover.call({ url: '/v1/audit-log/key' })).json()
    expect((await cutover.call({ url: '/v1/audit-log/key' })).json()).toEqual(key)
    const { calculateJwkThumbprint } = await import('jose')
    expect(key.kid).toBe(await calculateJwkThumbprint(key, 'sha256'))
    const stored = await cutover.cutover.opened.db.selectFrom('audit_signing_key').selectAll().execute()
    expect(stored).toMatchObject([{ kid: key.kid }])
    const { signature, keyId, ...content } = (await cutover.call({ url: '/v1/audit-log/checkpoint' })).json()
    expect([keyId, content]).toEqual([
      key.kid,
      {
        chain: cutover.workspaceId,
        size: 0,
        headHash: genesisHash,
        time: new Date(cutover.clock.nowMs).toISOString(),
      },
    ])
    const publicKey = createPublicKey({ key, format: 'jwk' })
    const isSigned = verify(null, Buffer.from(checkpointText(content)), publicKey, Buffer.from(signature, 'base64url'))
    expect(isSigned).toBe(true)
  })

  it('shows each workspace its own chain, and that of the instance to instance tokens only', async () => {
    await using cutover = await startInProcess({ engine })
    await cutover.call(create)
    const other = await cutover.createWorkspace('Other')
    const scopes = ['read_all'] as const
    const mine = await cutover.createToken({ scopes, workspaceId: cutover.workspaceId })
    const theirs = await cutover.createToken({ scopes, workspaceId: other })
    const instance = await cutover.createToken({ scopes })
    const at = async (url: string, token: string) => (await cutover.call({ url, token })).json()
    expect((await at('/v1/audit-log', mine)).data).toHaveLength(1)
    expect((await at('/v1/audit-log', theirs)).data).toEqual([])
    expect((await at('/v1/audit-log/checkpoint', theirs)).chain).toBe(other)
    const actions = (await at('/v1/audit-log?chain=instance', instance)).data.map(({ action }: AuditEntry) => action)
    expect(actions).toEqual(['access_token.created', 'workspace.created'])
    expect((await at('/v1/audit-log/checkpoint?chain=instance', instance)).chain).toBe('instance')
    const { body } = await cutover.call({ url: '/v1/audit-log/export?chain=instance', token: instance })
    expect(await verifyAuditLog(body.split('\n'))).toMatchObject({ verified: true, size: 2 })
    // Several workspaces: none is meant by default.
    expectProblem(await cutover.call({ url: '/v1/audit-log', token: instance }), 400, 'workspace_required')
    expect((await cutover.call({ url: '/v1/audit-log/key', token: instance })).statusCode).toBe(200)

    for (const path of ['', '/export', '/checkpoint']) {
      const hidden = await cutover.call({ url: `/v1/audit-log${path}?chain=instance`, token: mine })
      const headers = { 'cutover-workspace': 'ws_00000000000000000000' }
      const absent = await cutover.call({ url: `/v1/audit-log${path}`, headers, token: mine })
      expectProblem(hidden, 404, 'not_found')
      expect({ ...hidden.json(), instance: '' }).toEqual({ ...absent.json(), instance: '' })
    }
  })
})

describe('the audit log', () => {
  it('asks for read_audit_log, which read_all grants', async () => {
    await using cutover = await startInProcess()
    const { workspaceId } = cutover
    const reader = await cutover.createToken({ scopes: ['read_audit_log'], workspaceId })
    const stranger = await cutover.createToken({ scopes: ['read_access_tokens', 'verify'], workspaceId })
    for (const path of ['', '/export', '/checkpoint', '/key']) {
      const url = `/v1/audit-log${path}`
      expect((await cutover.call({ url, token: reader })).statusCode).toBe(200)
      expectProblem(await cutover.call({ url, token: stranger }), 403, 'token_unauthorized')
      expectProblem(await cutover.call({ url, token: null }), 401, 'unauthorized')
      const posted = await cutover.app.inject({ method: 'POST', url, headers: { authorization: `Bearer ${reader}` } })
      expectProblem(posted, 405, 'method_not_allowed')
      const head = await cutover.app.inject({ method: 'HEAD', url, headers: { authorization: `Bearer ${reader}` } })
      expect([head.statusCode, head.body]).toEqual([200, ''])
    }
  })

  it.each([
    ['?limit=0', 'limit'],
    ['?limit=201', 'limit'],
    ['?limit=1.5', 'limit'],
    ['?limit=1&limit=2', 'limit'],
    ['?cursor=x', 'cursor'],
    ['?action=identity_secret.made', 'action'],
    ['?result=ok', 'result'],
    ['?actor=', 'actor'],
    ['?resource=%00', 'resource'],
    [`?actor=${'a'.repeat(256)}`, 'actor'],
    ['?from=yesterday', 'from'],
    ['?from=2026-11-21', 'from'],
    ['?from=2026-11-21T12:00:00', 'from'],
    ['?to=2026-02-30T00:00:00Z', 'to'],
    ['?to=2026-11-21T25:00:00Z', 'to'],
    ['?to=2026-11-21T12:00:00.0001Z', 'to'],
    ['?chain=ws_00000000000000000000', 'chain'],
    ['?actr=tok_a', 'actr'],
    ['/export?from=2026-11-21T12:00:00Z', 'from'],
    ['/checkpoint?size=1', 'size'],
    ['/key?chain=instance', 'chain'],
  ])('refuses %s, and says that it is %s', async (query, field) => {
    await using cutover = await startInProcess()
    const response = await cutover.call({ url: `/v1/audit-log${query}` })
    expectProblem(response, 422, 'validation_failed')
    expect(response.json().errors.map((error: { field: string }) => error.field)).toEqual([field])
  })

  it('is empty after a cursor of no entry', async () => {
    await using cutover = await startInProcess()
    await cutover.call(create)
    expect(await list(cutover, '?cursor=9')).toEqual([])
  })
})
