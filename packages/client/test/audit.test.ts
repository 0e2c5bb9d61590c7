import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { ApiError, type CallRecord, type CutoverClient, NetworkError } from '@cutover/client'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { FaultyProxy } from './faulty-proxy.ts'
import { rejection, startListening } from './listening-cutover.ts'

const cutover = await startListening()
const proxy = await FaultyProxy.before(cutover.baseUrl)
const records: CallRecord[] = []
const audit = (record: CallRecord) => void records.push(record)
const client = cutover.client({ baseUrl: proxy.baseUrl, audit, userId: 'ada@example.com' })
const web = { web: true, ios: false, android: false }

afterAll(async () => {
  await proxy[Symbol.asyncDispose]()
  await cutover[Symbol.asyncDispose]()
})
beforeEach(() => {
  proxy.plan = []
  records.splice(0)
})

describe('what `audit` is told', () => {
  it('is each call once, when it has ended, in six fields', async () => {
    const before = Date.now()
    await client.settings.read()
    expect(records).toHaveLength(1)
    const [{ timestamp, metadata, ...rest } = {} as CallRecord] = records
    expect(rest).toEqual({ action: 'readSettings', userId: 'ada@example.com', resource: 'settings', result: 'success' })
    expect(new Date(timestamp).toISOString()).toBe(timestamp)
    expect(Date.parse(timestamp)).toBeGreaterThanOrEqual(before)
    expect(metadata).toEqual({
      ...{ status: 200, attempts: 1, durationMs: expect.any(Number) },
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
    await cutover.client({ audit }).settings.read()
    expect(records.map(({ userId }) => userId)).toEqual(['ada@example.com', null])
  })

  it('names what it was about, without the query', async () => {
    const { id } = await client.identitySecrets.create({ name: 'A', platforms: web })
    await client.identitySecrets.delete(id, { ifQuietForSeconds: 60 })
    await client.auditLog.list({ resource: 'someone@example.com' })
    await client.secureModeSecrets.list()
    await client.health()
    const resources = ['identity-secrets', `identity-secrets/${id}`, 'audit-log', 'secure_mode_secrets', 'health']
    expect(records.map(({ resource }) => resource)).toEqual(resources)
  })

  it('is a failure with its status and code, once for all attempts', async () => {
    proxy.plan = [{ status: 500 }]
    await rejection(client.identitySecrets.read('999'), ApiError)
    proxy.plan = ['never_arrives', 'never_arrives', 'never_arrives']
    await rejection(client.settings.read(), NetworkError)
    const leaving = new AbortController()
    proxy.plan = ['hangs']
    const arrived = proxy.arrival()
    const call = client.settings.read({ signal: leaving.signal })
    await arrived
    leaving.abort(new Error('the user has gone'))
    await expect(call).rejects.toThrow()
    expect(records.map(({ result, metadata }) => [result, metadata.status, metadata.code, metadata.attempts])).toEqual([
      ['failure', 404, 'not_found', 2],
      ['failure', undefined, 'NetworkError', 3],
      ['failure', undefined, 'AbortError', 1],
    ])
  })

  it('is a failure where the call is left in a pause, or was never sent', async () => {
    const leaving = new AbortController()
    proxy.plan = [{ status: 503, headers: { 'retry-after': '30' } }]
    const arrived = proxy.arrival()
    const call = client.settings.read({ signal: leaving.signal })
    await arrived
    // The answer of the first call is there by now.
    await cutover.client({ baseUrl: proxy.baseUrl }).settings.read()
    leaving.abort(new Error('the user has gone'))
    await expect(call).rejects.toThrow()
    await rejection(client.identitySecrets.read(''), TypeError)
    await expect(client.settings.read({ signal: AbortSignal.abort() })).rejects.toThrow()
    expect(records.map(({ result, metadata }) => [result, metadata.code])).toEqual([
      ['failure', 'AbortError'],
      ['failure', 'TypeError'],
      ['failure', 'AbortError'],
    ])
  })

  it('is a failure where the status was good, and the answer none of the API', async () => {
    proxy.plan = [{ status: 200, body: '<html>' }, { status: 200 }]
    await rejection(client.settings.read(), ApiError)
    await rejection(client.identitySecrets.delete('1'), ApiError)
    expect(records.map(({ result, metadata }) => [result, metadata.code])).toEqual(
      Array(2).fill(['failure', 'unexpected_answer']),
    )
  })

  it('is one call of an integrator, also where its clock is corrected', async () => {
    const { key, secret } = await cutover.client().integrators.create({ name: 'Acme' })
    const body = JSON.stringify({
      type: 'urn:cutover:problem:timestamp_out_of_range',
      code: 'timestamp_out_of_range',
      skewMs: 0,
    })
    proxy.plan = [{ status: 401, body }]
    await cutover.integrator({ key, secret, baseUrl: proxy.baseUrl, audit }).self()
    expect(records).toMatchObject([{ action: 'ownIntegrator', result: 'success', metadata: { attempts: 2 } }])
  })

  it('is an export at its end, whole, broken, or left', async () => {
    const lines = client.auditLog.export()
    await lines.next()
    expect(records).toEqual([])
    for await (const _piece of lines);
    proxy.plan = ['answer_cut']
    await rejection(readAll(client), NetworkError)
    for await (const _piece of client.auditLog.export()) break
    expect(records.map(({ action, result, metadata }) => [action, result, metadata.code])).toEqual([
      ['exportAuditLog', 'success', undefined],
      ['exportAuditLog', 'failure', 'NetworkError'],
      ['exportAuditLog', 'failure', 'AbortError'],
    ])
  })

  it('holds no secret and no token, whatever is called', async () => {
    const { id, secret } = await client.identitySecrets.create({ name: 'A', platforms: web })
    const { secret: next } = await client.identitySecrets.rotate(id, { graceSeconds: 60 })
    const token = await client.accessTokens.create({ name: 'A', scopes: ['verify'] })
    const { secret: compatible } = await client.secureModeSecrets.create({ name: 'A', supports_web: true })
    await client.verifications.verify({ platform: 'web', email: 'ada@example.org', userHash: '00' })
    const told = JSON.stringify(records)
    for (const each of [secret, next, token.token, compatible, cutover.token, 'ada@example.org']) {
      expect(told).not.toContain(each)
    }
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('the disk is full')
      },
    ],
    ['rejects', () => Promise.reject(new Error('the disk is full'))],
  ])('breaks no call where it %s', async (_how, broken) => {
    const calls = cutover.client({ audit: broken })
    expect((await calls.health()).status).toBe('ok')
    await rejection(calls.identitySecrets.read('999'), ApiError)
  })
})

describe('printCalls', () => {
  it('prints each call as a line of JSON on standard output', async () => {
    const program = `
      import { CutoverClient, printCalls } from '@cutover/client'
      const client = new CutoverClient({ baseUrl: '${cutover.baseUrl}', audit: printCalls, userId: 'ada' })
      await client.live()
      await client.health().catch(() => {})`
    const parameters = ['--conditions=cutover-source', '--input-type=module', '--eval', program]
    const child = spawn(process.execPath, parameters, {
      cwd: join(import.meta.dirname, '..'),
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [printed] = await Promise.all([text(child.stdout), once(child, 'close')])
    const lines = printed
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.map(({ action, userId, result }) => [action, userId, result])).toEqual([
      ['liveness', 'ada', 'success'],
      ['health', 'ada', 'failure'],
    ])
  })
})

async function readAll(by: CutoverClient): Promise<void> {
  for await (const _piece of by.auditLog.export());
}
