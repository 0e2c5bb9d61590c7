import { type Scope, scopeNames } from '@cutover/contract'
import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import { describe, expect, it } from 'vitest'
import { engines, type InProcess, startInProcess } from '../../../test/in-process.ts'

type Call = InjectOptions & { token?: string | null }

const day = 24 * 60 * 60 * 1000

function post(url: string, payload: object, headers: Record<string, string> = {}): Call {
  return { method: 'POST', url, payload, headers }
}

async function create(cutover: InProcess, body: object, token = cutover.token) {
  const response = await cutover.call({ ...post('/v1/access-tokens', { name: 'a', ...body }), token })
  expect(response.statusCode).toBe(201)
  return response.json<{ id: string; token: string; scopes: Scope[]; expiresAt: string | null }>()
}

async function list(cutover: InProcess, url = '/v1/access-tokens') {
  const response = await cutover.call({ url })
  expect(response.statusCode).toBe(200)
  return response.json<{ data: Record<string, unknown>[]; nextCursor: string | null }>()
}

async function statusWith(cutover: InProcess, token: string, call: Call = { url: '/health' }): Promise<number> {
  return (await cutover.call({ ...call, token })).statusCode
}

function expectProblem(response: LightMyRequestResponse, status: number, code: string, detail: string): void {
  expect([response.statusCode, response.json().code, response.json().detail]).toEqual([status, code, detail])
}

describe.each(engines)('access tokens on %s', (engine) => {
  it('are shown once, are listed without the token, and are refused once their revocation is answered', async () => {
    await using cutover = await startInProcess({ engine })
    const body = { name: ' billing ', preset: 'production-verifier', environment: 'production', expiresInSeconds: 3600 }
    const response = await cutover.call(post('/v1/access-tokens', body))
    expect(response.headers['cache-control']).toBe('no-store')
    const { token, ...shown } = response.json()
    expect(shown).toEqual({
      id: shown.id,
      name: 'billing',
      workspaceId: cutover.workspaceId,
      scopes: ['verify'],
      environment: 'production',
      state: 'active',
      createdAt: new Date(cutover.clock.nowMs).toISOString(),
      createdBy: expect.stringMatching(/^tok_/),
      expiresAt: new Date(cutover.clock.nowMs + 3_600_000).toISOString(),
      rotationDueAt: null,
      successorId: null,
      lastUsedAt: null,
      unusedScopes: null,
    })
    expect(await list(cutover)).toEqual({ data: [shown], nextCursor: null })
    expect(await statusWith(cutover, token)).toBe(200)

    const revoked = await cutover.call({ method: 'DELETE', url: `/v1/access-tokens/${shown.id}` })
    expect([revoked.statusCode, revoked.body]).toEqual([204, ''])
    expect(await statusWith(cutover, token)).toBe(401)
    expect((await list(cutover)).data).toEqual([])
    const again = await cutover.call({ method: 'DELETE', url: `/v1/access-tokens/${shown.id}` })
    expect(again.statusCode).toBe(204)
    expect(again.headers['cutover-revocation-epoch']).toBe(revoked.headers['cutover-revocation-epoch'])
  })

  it('are rotated: the old one is good until its grace ends, half-open, and the new one takes everything over', async () => {
    await using cutover = await startInProcess({ engine })
    const old = await create(cutover, {
      scopes: ['verify', 'read_all'],
      environment: 'staging',
      expiresInSeconds: 7200,
    })
    expect(await statusWith(cutover, old.token)).toBe(200)
    const rotated = await cutover.call(post(`/v1/access-tokens/${old.id}/rotate`, { oldTokenValidForSeconds: 60 }))
    expect(rotated.statusCode).toBe(201)
    const { token, ...successor } = rotated.json()
    expect(successor).toMatchObject({
      scopes: ['verify', 'read_all'],
      environment: 'staging',
      expiresAt: old.expiresAt,
    })
    const endMs = cutover.clock.nowMs + 60_000
    expect((await list(cutover)).data).toMatchObject([
      { id: old.id, state: 'retiring', successorId: successor.id, expiresAt: new Date(endMs).toISOString() },
      { id: successor.id, state: 'active', successorId: null },
    ])
    cutover.clock.nowMs = endMs - 1
    expect([await statusWith(cutover, old.token), await statusWith(cutover, token)]).toEqual([200, 200])
    cutover.clock.nowMs = endMs
    expect([await statusWith(cutover, old.token), await statusWith(cutover, token)]).toEqual([401, 200])
  })

  it('rotated without a grace are refused once that is answered', async () => {
    await using cutover = await startInProcess({ engine })
    const old = await create(cutover, { preset: 'rotator' })
    expect(await statusWith(cutover, old.token)).toBe(200)
    const rotated = await cutover.call(post(`/v1/access-tokens/${old.id}/rotate`, { oldTokenValidForSeconds: 0 }))
    expect(await statusWith(cutover, old.token)).toBe(401)
    expect(await statusWith(cutover, rotated.json().token)).toBe(200)
  })

  it('rotated twice at once have one successor', async () => {
    await using cutover = await startInProcess({ engine })
    const { id } = await create(cutover, { preset: 'rotator' })
    const rotate = () => cutover.call(post(`/v1/access-tokens/${id}/rotate`, { oldTokenValidForSeconds: 60 }))
    const answers = await Promise.all(Array.from({ length: 10 }, rotate))
    const statuses = answers.map(({ statusCode }) => statusCode).sort()
    expect(statuses).toEqual([201, ...Array.from({ length: 9 }, () => 409)])
    const conflict = answers.find(({ statusCode }) => statusCode === 409)
    if (conflict) expectProblem(conflict, 409, 'rotation_conflict', 'The access token was rotated already')
    expect((await list(cutover)).data).toHaveLength(2)
  })

  it('take with them what they made, only with cascade, and what they made passes to a successor', async () => {
    await using cutover = await startInProcess({ engine })
    const scopes = ['read_access_tokens', 'write_access_tokens', 'verify']
    const parent = await create(cutover, { scopes })
    const child = await create(cutover, { scopes }, parent.token)
    const grandchild = await create(cutover, { scopes: ['verify'] }, child.token)
    const stranger = await create(cutover, { scopes: ['verify'] })
    const statuses = () => Promise.all([child, grandchild, stranger].map(({ token }) => statusWith(cutover, token)))

    const rotation = post(`/v1/access-tokens/${parent.id}/rotate`, { oldTokenValidForSeconds: 0 })
    const heir = (await cutover.call(rotation)).json()
    expect(await statuses()).toEqual([200, 200, 200])
    await cutover.call({ method: 'DELETE', url: `/v1/access-tokens/${parent.id}?cascade=true` })
    expect(await statuses()).toEqual([200, 200, 200])
    await cutover.call({ method: 'DELETE', url: `/v1/access-tokens/${heir.id}?cascade=true` })
    expect(await statuses()).toEqual([401, 401, 200])
  })

  it('that another rotated go with it too: it has seen them', async () => {
    await using cutover = await startInProcess({ engine })
    const rotator = await create(cutover, { scopes: ['write_access_tokens', 'verify'] })
    const target = await create(cutover, { scopes: ['verify'] })
    const rotation = post(`/v1/access-tokens/${target.id}/rotate`, { oldTokenValidForSeconds: 60 })
    const { token } = (await cutover.call({ ...rotation, token: rotator.token })).json()
    await cutover.call({ method: 'DELETE', url: `/v1/access-tokens/${rotator.id}?cascade=true` })
    expect(await statusWith(cutover, token)).toBe(401)
  })

  it('without cascade leave what they made, and expiry never takes anything with it', async () => {
    await using cutover = await startInProcess({ engine })
    const parent = await create(cutover, { scopes: ['write_access_tokens', 'verify'] })
    const child = await create(cutover, { scopes: ['verify'] }, parent.token)
    await cutover.call({ method: 'DELETE', url: `/v1/access-tokens/${parent.id}` })
    expect(await statusWith(cutover, child.token)).toBe(200)
  })

  it('tell when they were last used, sampled once a minute, and what they did not need for 30 days', async () => {
    await using cutover = await startInProcess({ engine })
    const { id, token } = await create(cutover, { scopes: ['verify', 'read_all', 'write_secure_mode_secret'] })
    const shown = async () => (await list(cutover)).data.find((each) => each['id'] === id)
    const startMs = cutover.clock.nowMs
    await statusWith(cutover, token, { url: '/secure_mode_secrets' })
    cutover.clock.nowMs += 59_999
    await statusWith(cutover, token, { url: '/secure_mode_secrets' })
    expect(await shown()).toMatchObject({ lastUsedAt: new Date(startMs).toISOString(), unusedScopes: null })
    cutover.clock.nowMs = startMs + 60_000
    await statusWith(cutover, token, { url: '/secure_mode_secrets' })
    expect(await shown()).toMatchObject({ lastUsedAt: new Date(startMs + 60_000).toISOString() })

    cutover.clock.nowMs = startMs + 30 * day
    expect(await shown()).toMatchObject({ unusedScopes: ['write_secure_mode_secret', 'verify'] })
    await statusWith(cutover, token, post('/v1/verifications', { platform: 'web' }))
    expect(await shown()).toMatchObject({ unusedScopes: ['write_secure_mode_secret'] })
    cutover.clock.nowMs = startMs + 30 * day + 60_000
    expect(await shown()).toMatchObject({ unusedScopes: ['write_secure_mode_secret', 'read_all'] })
  })

  it('are listed page by page, each once, while others come and go', async () => {
    await using cutover = await startInProcess({ engine })
    const ids: string[] = []
    for (let count = 0; count < 5; count += 1) ids.push((await create(cutover, { preset: 'rotator' })).id)
    const first = await list(cutover, '/v1/access-tokens?limit=2')
    await cutover.call({ method: 'DELETE', url: `/v1/access-tokens/${ids[0]}` })
    const second = await list(cutover, `/v1/access-tokens?limit=2&cursor=${first.nextCursor}`)
    const third = await list(cutover, `/v1/access-tokens?limit=2&cursor=${second.nextCursor}`)
    expect([...first.data, ...second.data, ...third.data].map((each) => each['id'])).toEqual(ids)
    expect(third.nextCursor).toBeNull()
  })

  it('with an Idempotency-Key are made once, and their kept answer dies with them', async () => {
    await using cutover = await startInProcess({ engine })
    const request = post('/v1/access-tokens', { name: 'a', preset: 'rotator' }, { 'idempotency-key': 'k' })
    const answers = await Promise.all(Array.from({ length: 10 }, () => cutover.call(request)))
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1)
    const { id, token } = answers[0]?.json() ?? {}
    await cutover.call({ method: 'DELETE', url: `/v1/access-tokens/${id}` })
    const after = await cutover.call(request)
    expectProblem(after, 409, 'idempotency_conflict', 'The answer was destroyed together with its secret')
    expect(after.body).not.toContain(token)
  })
})

describe('an Idempotency-Key', () => {
  it('belongs to the path it came with: the same one rotates another token by itself', async () => {
    await using cutover = await startInProcess()
    const [first, second] = [await create(cutover, { preset: 'rotator' }), await create(cutover, { preset: 'rotator' })]
    const rotate = (id: string) =>
      cutover.call(post(`/v1/access-tokens/${id}/rotate`, { oldTokenValidForSeconds: 0 }, { 'idempotency-key': 'k' }))
    const answers = [await rotate(first.id), await rotate(second.id), await rotate(first.id)]
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([201, 201, 201])
    expect(answers[2]?.body).toBe(answers[0]?.body)
    expect(answers[1]?.json().id).not.toBe(answers[0]?.json().id)
    expect([await statusWith(cutover, first.token), await statusWith(cutover, second.token)]).toEqual([401, 401])
  })
})

describe('granting', () => {
  it('hands out no scope that the granting token lacks', async () => {
    await using cutover = await startInProcess()
    const granter = await create(cutover, { scopes: ['write_access_tokens', 'read_all', 'verify'] })
    const grant = (body: object) =>
      cutover.call({ ...post('/v1/access-tokens', { name: 'a', ...body }), token: granter.token })
    expect((await grant({ scopes: ['verify', 'read_audit_log', 'read_all'] })).statusCode).toBe(201)
    expectProblem(
      await grant({ scopes: ['verify', 'diagnose', 'write_settings'] }),
      403,
      'token_unauthorized',
      'The access token does not hold diagnose, write_settings itself',
    )
    expect((await grant({ preset: 'staging' })).statusCode).toBe(403)
    expect((await grant({ scopes: ['verify'], instance: true })).statusCode).toBe(403)
  })

  it('hands out no longer life than its own, which is the default', async () => {
    await using cutover = await startInProcess()
    const granter = await create(cutover, { scopes: ['write_access_tokens', 'verify'], expiresInSeconds: 1000 })
    expect((await create(cutover, { scopes: ['verify'] }, granter.token)).expiresAt).toBe(granter.expiresAt)
    await create(cutover, { scopes: ['verify'], expiresInSeconds: 1000 }, granter.token)
    const longer = post('/v1/access-tokens', { name: 'a', scopes: ['verify'], expiresInSeconds: 1001 })
    const detail = 'The new token would outlive the one that grants it'
    expectProblem(await cutover.call({ ...longer, token: granter.token }), 403, 'token_unauthorized', detail)
    const lasting = await create(cutover, { scopes: ['verify'] })
    const rotation = post(`/v1/access-tokens/${lasting.id}/rotate`, { oldTokenValidForSeconds: 0 })
    expectProblem(await cutover.call({ ...rotation, token: granter.token }), 403, 'token_unauthorized', detail)
    expect(await statusWith(cutover, lasting.token)).toBe(200)
  })

  it('takes every scope of a token to rotate it', async () => {
    await using cutover = await startInProcess()
    const granter = await create(cutover, { scopes: ['write_access_tokens'] })
    const target = await create(cutover, { scopes: ['verify'] })
    const rotation = post(`/v1/access-tokens/${target.id}/rotate`, { oldTokenValidForSeconds: 0 })
    const detail = 'The access token does not hold verify itself'
    expectProblem(await cutover.call({ ...rotation, token: granter.token }), 403, 'token_unauthorized', detail)
  })

  it('is over for a token in its grace period: it may neither make nor rotate tokens', async () => {
    await using cutover = await startInProcess()
    const old = await create(cutover, { scopes: ['write_access_tokens', 'verify'] })
    const rotate = post(`/v1/access-tokens/${old.id}/rotate`, { oldTokenValidForSeconds: 60 })
    const { id, token } = (await cutover.call({ ...rotate, token: old.token })).json()
    const detail = 'A token in its grace period may neither make nor rotate tokens'
    const rotateHeir = post(`/v1/access-tokens/${id}/rotate`, { oldTokenValidForSeconds: 0 })
    for (const call of [post('/v1/access-tokens', { name: 'a', scopes: ['verify'] }), rotateHeir]) {
      expectProblem(await cutover.call({ ...call, token: old.token }), 403, 'token_unauthorized', detail)
    }
    expect(await statusWith(cutover, token)).toBe(200)
  })

  it('makes instance tokens only where the caller manages the instance', async () => {
    await using cutover = await startInProcess()
    const made = await create(cutover, { scopes: ['verify', 'manage_workspaces'], instance: true })
    expect((await list(cutover)).data).toEqual([])
    const ofInstance = (await list(cutover, '/v1/access-tokens?instance=true')).data
    expect(ofInstance.map(({ id, workspaceId }) => [id, workspaceId])).toEqual([
      [expect.anything(), null],
      [made.id, null],
    ])
    const manage = post('/v1/access-tokens', { name: 'a', scopes: ['manage_workspaces'] })
    expectProblem(await cutover.call(manage), 422, 'validation_failed', 'manage_workspaces is for instance tokens')
    const narrow = await create(cutover, { scopes: ['read_access_tokens', 'write_access_tokens'], instance: true })
    const other = await create(cutover, { scopes: ['read_access_tokens', 'write_access_tokens'] })
    for (const { token } of [narrow, other]) {
      expect(await statusWith(cutover, token, { url: '/v1/access-tokens?instance=true' })).toBe(403)
      expect(await statusWith(cutover, token, { method: 'DELETE', url: `/v1/access-tokens/${made.id}` })).toBe(404)
    }
    await cutover.createWorkspace('Other')
    const revoke = (id: string): Call => ({ method: 'DELETE', url: `/v1/access-tokens/${id}` })
    expect(await statusWith(cutover, cutover.token, revoke(other.id))).toBe(400)
    expect(await statusWith(cutover, cutover.token, revoke(made.id))).toBe(204)
  })

  it.each<[object, string]>([
    [{}, 'scopes or preset is required'],
    [{ scopes: ['verify'], preset: 'rotator' }, 'preset must not be given together with scopes'],
    [{ scopes: [] }, 'scopes must have at least 1 items'],
    [{ scopes: ['all'] }, `scopes.0 must be one of ${scopeNames.join(', ')}`],
    [{ preset: 'admin' }, 'preset must be one of development, staging, production-verifier, rotator'],
    [{ preset: 'rotator', expiresInSeconds: 0 }, 'expiresInSeconds must be at least 1'],
    [{ preset: 'rotator', expiresInSeconds: 1.5 }, 'expiresInSeconds must be an integer'],
    [{ preset: 'rotator', expiresInSeconds: '60' }, 'expiresInSeconds must be an integer'],
    [{ preset: 'rotator', environment: 'prod' }, 'environment must be one of development, staging, production'],
    [{ preset: 'rotator', instance: 'yes' }, 'instance must be a boolean'],
    [{ preset: 'rotator', name: ' ' }, 'name is required'],
    [{ preset: 'rotator', name: 'a\u0007' }, 'name is invalid'],
    [{ preset: 'rotator', workspaceId: 'x' }, 'workspaceId is not a known field'],
  ])('%j is refused: %s', async (body, detail) => {
    await using cutover = await startInProcess()
    expectProblem(
      await cutover.call(post('/v1/access-tokens', { name: 'a', ...body })),
      422,
      'validation_failed',
      detail,
    )
  })

  it.each([
    ['?limit=0', 'limit must be a number from 1 to 200'],
    ['?limit=201', 'limit must be a number from 1 to 200'],
    ['?cursor=x', 'cursor is none that was given out'],
    ['?instance=1', 'instance must be one of true, false'],
    ['?all=1', 'all is not a known field'],
    ['?limit=1&limit=2', 'limit must be a string'],
  ])('a list with %s is refused: %s', async (query, detail) => {
    await using cutover = await startInProcess()
    expectProblem(await cutover.call({ url: `/v1/access-tokens${query}` }), 422, 'validation_failed', detail)
  })
})

describe.each(engines)('workspaces on %s', (engine) => {
  it('are made, listed, renamed, and deleted with their tokens once they have no live secret', async () => {
    await using cutover = await startInProcess({ engine })
    const made = await cutover.call(post('/v1/workspaces', { name: ' Acme ' }))
    expect(made.statusCode).toBe(201)
    const acme = made.json()
    expect(acme).toEqual({ id: acme.id, name: 'Acme', createdAt: new Date(cutover.clock.nowMs).toISOString() })
    const url = `/v1/workspaces/${acme.id}`
    const renamed = await cutover.call({ method: 'PATCH', url, payload: { name: 'Acme Inc' } })
    expect(renamed.json()).toEqual({ ...acme, name: 'Acme Inc' })
    expect((await list(cutover, '/v1/workspaces')).data.map(({ name }) => name)).toEqual(['Default', 'Acme Inc'])

    const headers = { 'cutover-workspace': acme.id }
    const token = (await cutover.call(post('/v1/access-tokens', { name: 'a', preset: 'staging' }, headers))).json()
      .token
    const secret = (
      await cutover.call({ ...post('/secure_mode_secrets', { name: 's', supports_web: true }), token })
    ).json()
    const detail = 'The workspace has live secrets: delete them first'
    expectProblem(await cutover.call({ method: 'DELETE', url }), 409, 'invalid_state', detail)
    await cutover.call({ method: 'DELETE', url: `/secure_mode_secrets/${secret.id}`, token })
    expect(await statusWith(cutover, token)).toBe(200)
    const deleted = await cutover.call({ method: 'DELETE', url })
    expect(deleted.statusCode).toBe(204)
    expect(Number(deleted.headers['cutover-revocation-epoch'])).toBeGreaterThan(0)
    expect(await statusWith(cutover, token)).toBe(401)
    expect(await statusWith(cutover, cutover.token, { url: '/secure_mode_secrets', headers })).toBe(404)
    expect((await list(cutover, '/v1/workspaces')).data.map(({ name }) => name)).toEqual(['Default'])
    const again = await cutover.call({ method: 'DELETE', url })
    expectProblem(again, 404, 'not_found', 'There is no such workspace')
    const { db } = cutover.cutover.opened
    expect(await db.selectFrom('signing_secrets').select('sealed').execute()).toEqual([{ sealed: null }])
  })

  it('are for instance tokens with manage_workspaces alone', async () => {
    await using cutover = await startInProcess({ engine })
    const everythingElse = scopeNames.filter((scope) => scope !== 'manage_workspaces')
    const { token } = await create(cutover, { scopes: everythingElse })
    const url = `/v1/workspaces/${cutover.workspaceId}`
    const calls: Call[] = [
      { url: '/v1/workspaces' },
      post('/v1/workspaces', { name: 'a' }),
      { method: 'PATCH', url, payload: { name: 'a' } },
      { method: 'DELETE', url },
    ]
    for (const call of calls) expect(await statusWith(cutover, token, call)).toBe(403)
  })
})
