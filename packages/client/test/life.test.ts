import { createHmac } from 'node:crypto'
import { ApiError } from '@cutover/client'
import type { CreateIdentitySecret } from '@cutover/contract'
import { describe, expect, it } from 'vitest'
import type { AccessTokenId } from '../../server/src/access-tokens/access-token.ts'
import type { InProcess } from '../../server/test/in-process.ts'
import { rejection, startListening } from './listening-cutover.ts'

const web = { web: true, ios: false, android: false }
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const hashOf = (secret: string, userId: string) => createHmac('sha256', secret).update(userId).digest('hex')

describe('the life of a secret', () => {
  it('is created, verifies, is rotated, left, and deleted, with epochs that only grow', async () => {
    await using cutover = await startListening()
    const client = cutover.client()
    const old = await client.identitySecrets.create({ name: 'Spring', platforms: web })
    const verify = async (secret: string) => {
      const { verified, secretId } = await client.verifications.verify({
        ...{ platform: 'web', userId: 'user_1', source: 'a test' },
        userHash: hashOf(secret, 'user_1'),
      })
      return verified && secretId
    }
    expect(await verify(old.secret)).toBe(old.id)
    const { id, secret } = await client.identitySecrets.rotate(old.id, { graceSeconds: 3600 })
    expect([await verify(old.secret), await verify(secret)]).toEqual([old.id, id])
    expect(await client.identitySecrets.read(old.id)).toMatchObject({ state: 'retiring', successorId: id })
    expect((await client.identitySecrets.cutover(old.id)).verdict).toBe('in_use')
    const refused = client.identitySecrets.delete(old.id, { ifQuietForSeconds: 60 })
    expect(await rejection(refused, ApiError)).toMatchObject({ status: 409, code: 'secret_in_use', dialect: 'native' })
    const { revocationEpoch: first } = await client.identitySecrets.delete(old.id)
    expect([await verify(old.secret), await verify(secret)]).toEqual([false, id])
    const { revocationEpoch: second } = await client.secureModeSecrets.delete(id)
    expect(Number(second)).toBeGreaterThan(Number(first))
    expect(await verify(secret)).toBe(false)
    expect((await client.identitySecrets.list()).data).toEqual([])
    expect(await idsOf(client.identitySecrets.all({ state: 'all' }))).toEqual([old.id, id])
  })

  it('is the same in the dialect of Intercom', async () => {
    await using cutover = await startListening()
    const { secureModeSecrets, identitySecrets } = cutover.client()
    const created = await secureModeSecrets.create({ name: ' Spring ', supports_ios: true })
    const { secret, ...shown } = created
    expect(shown).toMatchObject({ type: 'identity_verification_secret', name: 'Spring', supports_web: false })
    expect(await secureModeSecrets.list()).toEqual({ type: 'list', data: [shown] })
    expect((await identitySecrets.read(created.id)).platforms).toEqual({ web: false, ios: true, android: false })
  })
})

describe('an error', () => {
  it('of the native dialect has its code, status, request id and the faults of the fields', async () => {
    await using cutover = await startListening()
    const client = cutover.client()
    // Sound: what a caller without types might send.
    const wrong = { platforms: web, color: 'red' } as unknown as CreateIdentitySecret
    const error = await rejection(client.identitySecrets.create(wrong), ApiError)
    expect(error).toMatchObject({ name: 'ApiError', status: 422, code: 'validation_failed', dialect: 'native' })
    expect(error.requestId).toMatch(uuid)
    expect(error.errors.map(({ field }) => field).sort()).toEqual(['color', 'name'])
    expect(error.message).toContain(error.errors[0]?.message)
  })

  it('of the dialect of Intercom has them too', async () => {
    await using cutover = await startListening()
    const client = cutover.client()
    const error = await rejection(client.secureModeSecrets.create({ name: '' }), ApiError)
    expect(error).toMatchObject({ status: 422, code: 'parameter_invalid', dialect: 'intercom' })
    expect(error.requestId).toMatch(uuid)
    expect(error.errors[0]).toEqual({ field: 'name', message: 'name is required' })
  })

  it('names each status that a caller can do something about', async () => {
    await using cutover = await startListening()
    const client = cutover.client()
    const { id } = await client.identitySecrets.create({ name: 'A', platforms: web })
    const verifier = await client.accessTokens.create({ name: 'V', scopes: ['verify'] })
    await client.identitySecrets.delete(id)
    const cases = [
      [cutover.client({ token: 'cut_none' }).settings.read(), 401, 'unauthorized'],
      [cutover.client({ token: undefined }).secureModeSecrets.list(), 401, 'unauthorized'],
      [cutover.client({ token: verifier.token }).settings.read(), 403, 'token_unauthorized'],
      [cutover.client({ token: verifier.token }).secureModeSecrets.list(), 403, 'token_unauthorized'],
      [client.identitySecrets.read('999'), 404, 'not_found'],
      [client.secureModeSecrets.delete('999'), 404, 'identity_verification_secret_not_found'],
      [client.identitySecrets.enable(id), 409, 'invalid_state'],
      [client.identitySecrets.retire(id, { afterSeconds: -1 }), 422, 'validation_failed'],
    ] as const
    for (const [call, status, code] of cases) expect(await rejection(call, ApiError)).toMatchObject({ status, code })
  })

  it('of a rate limit tells how long to wait, and so does 503', async () => {
    await using cutover = await startListening({ environment: { CUTOVER_RATE_LIMIT_PER_MINUTE: '6' } })
    const client = cutover.client({ retries: 0 })
    // Two, for the case that a window ends in between.
    await client.settings.read()
    const limited = await Promise.allSettled([client.settings.read(), client.settings.read(), client.settings.read()])
    const errors = limited.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []))
    expect(errors[0]).toMatchObject({ status: 429, code: 'rate_limit_exceeded' })
    expect(errors[0].retryAfterSeconds).toBeGreaterThan(0)
    expect(errors[0].retryAfterSeconds).toBeLessThanOrEqual(10)
    cutover.cutover.beginStopping()
    const notReady = await rejection(cutover.client().ready(), ApiError)
    expect(notReady).toMatchObject({ status: 503, code: 'service_unavailable', dialect: 'native', attempts: 1 })
    expect(notReady.retryAfterSeconds).toBeGreaterThan(0)
    expect(await client.live()).toEqual({ status: 'ok' })
  })
})

describe('Cutover-Workspace', () => {
  it('is the workspace of an instance token, and the token says which it needs', async () => {
    await using cutover = await startListening()
    const other = await cutover.createWorkspace('Other')
    const [mine, theirs] = [cutover.client(), cutover.client({ workspace: other })]
    const { id } = await theirs.identitySecrets.create({ name: 'Theirs', platforms: web })
    expect((await mine.identitySecrets.list()).data).toEqual([])
    expect((await theirs.identitySecrets.list()).data.map((each) => each.id)).toEqual([id])
    expect((await theirs.health()).workspaceId).toBe(other)
    const none = cutover.client({ workspace: undefined }).identitySecrets.list()
    expect(await rejection(none, ApiError)).toMatchObject({ status: 400, code: 'workspace_required' })
  })
})

describe('collections', () => {
  it('of 450 items are all there, once each and in order, over three pages', async () => {
    await using cutover = await startListening()
    const paths: string[] = []
    const client = cutover.client({
      fetch: (input, init) => {
        paths.push(String(input))
        return fetch(input, init)
      },
    })
    const made = await insertTokens(cutover, 450)
    const found = await idsOf(client.accessTokens.all())
    expect(found.filter((id) => made.includes(id))).toEqual(made)
    const pages = paths.filter((path) => path.includes('/v1/access-tokens?'))
    expect(pages.length).toBeGreaterThanOrEqual(3)
    expect(pages.every((path) => path.includes('limit=200'))).toBe(true)
  })

  it('fetch a page when the one before is used up, and no further one when the loop is left', async () => {
    await using cutover = await startListening()
    let calls = 0
    const client = cutover.client({ audit: () => void calls++ })
    for (const name of ['A', 'B', 'C']) await client.integrators.create({ name })
    calls = 0
    for await (const { name } of client.integrators.all({ limit: 1 })) if (name === 'B') break
    expect(calls).toBe(2)
  })

  it('reject with what a page was refused with', async () => {
    await using cutover = await startListening()
    const all = cutover.client().identitySecrets.all({ limit: 201 })
    expect(await rejection(all.next(), ApiError)).toMatchObject({ code: 'validation_failed' })
  })
})

describe('the audit log', () => {
  it('is exported whole, line by line, and found by its filters', async () => {
    await using cutover = await startListening()
    const client = cutover.client()
    for (const name of ['A', 'B']) await client.identitySecrets.create({ name, platforms: web })
    const decoder = new TextDecoder()
    let text = ''
    for await (const piece of client.auditLog.export()) text += decoder.decode(piece, { stream: true })
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.map(({ sequence }) => sequence)).toEqual(lines.map((_, index) => index + 1))
    expect(await client.auditLog.checkpoint()).toMatchObject({ size: lines.length, headHash: lines.at(-1).hash })
    const found = []
    for await (const entry of client.auditLog.all({ action: 'identity_secret.created', limit: 1 })) found.push(entry)
    expect(found.map(({ action }) => action)).toEqual(Array(2).fill('identity_secret.created'))
    expect((await client.auditLog.key()).crv).toBe('Ed25519')
  })
})

async function idsOf(all: AsyncIterable<{ readonly id: string }>): Promise<string[]> {
  const ids: string[] = []
  for await (const { id } of all) ids.push(id)
  return ids
}

/** Past the API, which takes its time for each. */
async function insertTokens({ cutover, workspaceId }: InProcess, count: number): Promise<readonly string[]> {
  const ids = Array.from({ length: count }, (_, index) => `tok_${String(index).padStart(20, '0')}` as AccessTokenId)
  await cutover.store.transaction(async (tx) => {
    for (const [index, id] of ids.entries()) {
      await tx.accessTokens.insert({
        ...{ id, workspaceId, name: id, hash: id, scopes: ['verify'], environment: null, createdAtMs: index },
        ...{ createdBy: 'a test', parentId: null, rotatedBy: null, expiresAtMs: null },
      })
    }
  })
  return ids
}
