import { createHmac } from 'node:crypto'
import { signJwt, signUserHash } from '@cutover/signing'
import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import { describe, expect, it } from 'vitest'
import { engines, type InProcess, startInProcess } from '../../../test/in-process.ts'

const nothing = { userId: null, secretId: null, secretExpiresAt: null }

async function createSecret(cutover: InProcess, flags: object = { supports_web: true }, headers = {}) {
  const payload = { name: 'A secret', ...flags }
  const response = await cutover.call({ method: 'POST', url: '/secure_mode_secrets', payload, headers })
  return response.json<{ id: string; secret: string }>()
}

function ask(body: unknown, headers: Record<string, string> = {}): InjectOptions {
  const payload = typeof body === 'string' ? body : JSON.stringify(body)
  return {
    method: 'POST',
    url: '/v1/verifications',
    headers: { 'content-type': 'application/json', ...headers },
    payload,
  }
}

function askBatch(items: unknown): InjectOptions {
  return { ...ask({ items }), url: '/v1/verifications/batch' }
}

function expectProblem(
  response: LightMyRequestResponse,
  status: number,
  code: string,
  detail: string,
  path = '/v1/verifications',
) {
  expect(response.statusCode).toBe(status)
  expect(response.headers['content-type']).toBe('application/problem+json; charset=utf-8')
  expect(response.json()).toMatchObject({
    type: `urn:cutover:problem:${code}`,
    status,
    code,
    detail,
    instance: `${path}#${response.headers['x-request-id']}`,
  })
}

describe.each(engines)('verification on %s', (engine) => {
  it('accepts every live secret of the platform, and refuses a deleted one from the answer on', async () => {
    await using cutover = await startInProcess({ engine })
    const [first, second] = [await createSecret(cutover), await createSecret(cutover)]
    const signedBy = ({ secret }: { secret: string }) =>
      ask({ platform: 'web', userId: 'user_1', userHash: signUserHash(secret, 'user_1') })
    for (const each of [first, second]) {
      const response = await cutover.call(signedBy(each))
      expect(response.json()).toEqual({
        verified: true,
        decision: 'allow',
        reason: null,
        method: 'userHash',
        userId: 'user_1',
        secretId: each.id,
        secretExpiresAt: null,
        enforcement: 'enforce',
      })
    }
    await cutover.call({ method: 'DELETE', url: `/secure_mode_secrets/${first.id}` })
    const refused = { verified: false, decision: 'reject', reason: 'mismatch', method: 'userHash', ...nothing }
    expect((await cutover.call(signedBy(first))).json()).toEqual({ ...refused, enforcement: 'enforce' })
    expect((await cutover.call(signedBy(second))).json().verified).toBe(true)
  })

  it('accepts a secret until its last millisecond and refuses it at its end, with a warm cache and a cold one', async () => {
    await using cutover = await startInProcess({ engine })
    const { id, secret } = await createSecret(cutover)
    const endMs = cutover.clock.nowMs + 1000
    await setEnd(cutover, id, endMs)
    const question = ask({ platform: 'web', userId: 'u', userHash: signUserHash(secret, 'u') })
    for (const cache of ['cold', 'warm']) {
      if (cache === 'cold') cutover.cutover.node.dropAll()
      cutover.clock.nowMs = endMs - 1
      const answer = (await cutover.call(question)).json()
      expect(answer).toMatchObject({ verified: true, secretExpiresAt: new Date(endMs).toISOString() })
      cutover.clock.nowMs = endMs
      expect((await cutover.call(question)).json().reason).toBe('no_active_secret')
    }
    cutover.cutover.node.dropAll()
    expect((await cutover.call(question)).json().reason).toBe('no_active_secret')
  })

  it('keeps workspaces apart', async () => {
    await using cutover = await startInProcess({ engine })
    const other = await cutover.createWorkspace('Other')
    const { id, secret } = await createSecret(cutover, { supports_web: true }, { 'cutover-workspace': other })
    const question = { platform: 'web', userId: 'u', userHash: signUserHash(secret, 'u') }
    const inDefault = await cutover.call(ask(question, { 'cutover-workspace': cutover.workspaceId }))
    expect(inDefault.json().reason).toBe('no_active_secret')
    const overridden = await cutover.call(
      ask({ ...question, workspaceId: other }, { 'cutover-workspace': cutover.workspaceId }),
    )
    expect(overridden.json()).toMatchObject({ verified: true, secretId: id })
    const token = await cutover.createToken({ scopes: ['verify'], workspaceId: cutover.workspaceId })
    for (const workspaceId of [other, 'ws_00000000000000000000', 'x']) {
      const response = await cutover.call({ ...ask({ ...question, workspaceId }), token })
      expectProblem(response, 404, 'not_found', 'There is no such workspace')
    }
  })
})

async function setEnd(cutover: InProcess, id: string, endMs: number): Promise<void> {
  const { db } = cutover.cutover.opened
  await db.updateTable('signing_secrets').set({ expires_at: endMs }).where('id', '=', Number(id)).execute()
  cutover.cutover.node.dropAll()
}

describe('the answer to a question', () => {
  const now = Date.UTC(2026, 10, 21, 12) / 1000
  const jwt = (secret: string, claims: object) => signJwt(secret, claims as Parameters<typeof signJwt>[1])
  const unsignedPart = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

  it.each<[string, (secret: string) => object, object]>([
    ['nothing signed', () => ({ userId: 'u' }), { reason: 'unsigned', method: null }],
    ['a hash without a user', () => ({ userHash: 'a' }), { reason: 'user_missing', method: 'userHash' }],
    ['a hash that is no hex', () => ({ userId: 'u', userHash: 'x' }), { reason: 'mismatch', method: 'userHash' }],
    [
      'a hash of the email beside a user id',
      (s) => ({ userId: 'u', email: 'e', userHash: signUserHash(s, 'e') }),
      { reason: 'mismatch', method: 'userHash' },
    ],
    [
      'a hash of another spelling',
      (s) => ({ userId: 'U', userHash: signUserHash(s, 'u') }),
      { reason: 'mismatch', method: 'userHash' },
    ],
    [
      'a hash of the untrimmed id',
      (s) => ({ userId: 'u', userHash: signUserHash(s, 'u ') }),
      { reason: 'mismatch', method: 'userHash' },
    ],
    ['a JWT of two parts', () => ({ jwt: 'a.b' }), { reason: 'jwt_malformed', method: 'jwt' }],
    [
      'a JWT with alg none',
      () => ({ jwt: `${unsignedPart({ alg: 'none' })}.${unsignedPart({ user_id: 'u' })}.` }),
      { reason: 'jwt_algorithm', method: 'jwt' },
    ],
    [
      'a JWT of another secret',
      () => ({ jwt: jwt('0123456789abcdef', { user_id: 'u' }) }),
      { reason: 'mismatch', method: 'jwt' },
    ],
    [
      'a JWT 60 s after its exp',
      (s) => ({ jwt: jwt(s, { user_id: 'u', exp: now - 60 }) }),
      { reason: 'jwt_expired', method: 'jwt' },
    ],
    [
      'a JWT over 60 s before its nbf',
      (s) => ({ jwt: jwt(s, { user_id: 'u', nbf: now + 61 }) }),
      { reason: 'jwt_not_yet_valid', method: 'jwt' },
    ],
    [
      "a JWT of another user than the question's",
      (s) => ({ userId: 'victim', jwt: jwt(s, { user_id: 'attacker' }) }),
      { reason: 'mismatch', method: 'jwt' },
    ],
  ])('%s', async (_title, question, expected) => {
    await using cutover = await startInProcess()
    const { secret } = await createSecret(cutover)
    const response = await cutover.call(ask({ platform: 'web', ...question(secret) }))
    expect(response.statusCode).toBe(200)
    const refused = { verified: false, decision: 'reject', ...nothing, enforcement: 'enforce' }
    expect(response.json()).toEqual({ ...refused, ...expected })
  })

  it.each<[string, (secret: string) => object, string | null]>([
    ['a hash in upper case', (s) => ({ userId: 'u', userHash: signUserHash(s, 'u').toUpperCase() }), 'u'],
    [
      'a hash of the email where there is no user id, which vouches for no user id',
      (s) => ({ email: 'e@x', userHash: signUserHash(s, 'e@x') }),
      null,
    ],
    [
      'a hash of any Unicode',
      (s) => ({ userId: '名é👩‍👩‍👧', userHash: createHmac('sha256', s).update('名é👩‍👩‍👧').digest('hex') }),
      '名é👩‍👩‍👧',
    ],
    ['a JWT, for the user it names', (s) => ({ jwt: jwt(s, { user_id: 'u', exp: now - 59 }) }), 'u'],
    ['a JWT with the same user id beside it', (s) => ({ userId: 'u', jwt: jwt(s, { user_id: 'u' }) }), 'u'],
  ])('verifies %s', async (_title, question, userId) => {
    await using cutover = await startInProcess()
    const { id, secret } = await createSecret(cutover)
    const response = await cutover.call(ask({ platform: 'web', source: 'web/1', ...question(secret) }))
    expect(response.json()).toMatchObject({ verified: true, decision: 'allow', reason: null, userId, secretId: id })
  })

  it('uses only the secrets of the platform', async () => {
    await using cutover = await startInProcess()
    const { secret } = await createSecret(cutover, { supports_ios: true })
    const question = { userId: 'u', userHash: signUserHash(secret, 'u') }
    const reasons = ['web', 'ios', 'android'].map(
      async (platform) => (await cutover.call(ask({ platform, ...question }))).json().reason,
    )
    expect(await Promise.all(reasons)).toEqual(['no_active_secret', null, 'no_active_secret'])
  })

  it.each(['monitor', 'off'])(
    'is allow where the platform is only on %s, with the reason all the same',
    async (enforcement) => {
      await using cutover = await startInProcess()
      const { db } = cutover.cutover.opened
      await db.updateTable('workspaces').set({ enforcement_web: enforcement }).execute()
      cutover.cutover.node.dropAll()
      const answers = await Promise.all(
        ['web', 'ios'].map(async (platform) => (await cutover.call(ask({ platform, userId: 'u' }))).json()),
      )
      expect(answers.map(({ decision, reason, enforcement }) => [decision, reason, enforcement])).toEqual([
        ['allow', 'unsigned', enforcement],
        ['reject', 'unsigned', 'enforce'],
      ])
    },
  )
})

describe('a question is refused', () => {
  const hash = 'a'.repeat(64)
  it.each<[string, unknown, string[]]>([
    ['without a platform', { userId: 'u' }, ['platform is required']],
    ['for another platform', { platform: 'tv' }, ['platform must be one of web, ios, android']],
    ['for a platform in another case', { platform: 'Web' }, ['platform must be one of web, ios, android']],
    ['with an empty user id', { platform: 'web', userId: '' }, ['userId must not be empty']],
    ['with an empty email', { platform: 'web', email: '' }, ['email must not be empty']],
    ['with null for a user id', { platform: 'web', userId: null }, ['userId must be a string']],
    ['with a number for a user id', { platform: 'web', userId: 7 }, ['userId must be a string']],
    [
      'with both a hash and a JWT',
      { platform: 'web', userId: 'u', userHash: hash, jwt: 'a.b.c' },
      ['jwt must not be given together with userHash'],
    ],
    ['with an unknown field', { platform: 'web', user_id: 'u' }, ['user_id is not a known field']],
    ['with __proto__', '{"platform":"web","__proto__":{"userId":"u"}}', ['__proto__ is not a known field']],
    [
      'with a source of 65 characters',
      { platform: 'web', source: 'é'.repeat(65) },
      ['source must have at most 64 characters'],
    ],
    ['with a lone surrogate', '{"platform":"web","userId":"\\udc00"}', ['userId must be well-formed Unicode']],
    [
      'with thousands of unknown fields, the first twenty',
      Object.fromEntries(Array.from({ length: 4000 }, (_, index) => [`x${1000 + index}`, 0])),
      ['platform is required', ...Array.from({ length: 19 }, (_, index) => `x${1000 + index} is not a known field`)],
    ],
    [
      'with several faults',
      { userId: 1, x: 1 },
      ['platform is required', 'userId must be a string', 'x is not a known field'],
    ],
  ])('%s', async (_title, body, messages) => {
    await using cutover = await startInProcess()
    const response = await cutover.call(ask(body))
    expect(response.statusCode).toBe(422)
    const errors: { message: string }[] = response.json().errors
    expect(errors.map(({ message }) => message).sort()).toEqual(messages)
    expect(response.json()).toMatchObject({ code: 'validation_failed', title: 'A field of the request is not valid' })
  })

  it.each<[string, Record<string, string>, string, number, string, string]>([
    [
      'without a Content-Type it knows',
      { 'content-type': 'text/plain' },
      '{}',
      415,
      'unsupported_media_type',
      'Content-Type must be application/json',
    ],
    ['with no JSON', {}, '{', 400, 'body_malformed', 'Request body is not valid JSON'],
    ['with no object', {}, '[]', 400, 'body_malformed', 'Request body must be a JSON object'],
    ['with nothing', {}, '', 400, 'body_malformed', 'Request body is empty'],
    [
      'with too much',
      {},
      `{"platform":"${'x'.repeat(70_000)}"}`,
      413,
      'body_too_large',
      'The request body is over the limit',
    ],
  ])('%s', async (_title, headers, body, status, code, detail) => {
    await using cutover = await startInProcess()
    expectProblem(await cutover.call(ask(body, headers)), status, code, detail)
  })

  it('without a token, or without the scope', async () => {
    await using cutover = await startInProcess()
    const nobody = await cutover.call({ ...ask({ platform: 'web' }), token: null })
    expectProblem(nobody, 401, 'unauthorized', 'The access token is missing, malformed, unknown, expired or revoked')
    expect(nobody.headers['www-authenticate']).toBe('Bearer realm="cutover"')
    const token = await cutover.createToken({ scopes: ['read_all', 'diagnose'] })
    const narrow = await cutover.call({ ...ask({ platform: 'web' }), token })
    expectProblem(narrow, 403, 'token_unauthorized', 'The access token lacks the scope that this needs')
  })

  it('when an instance token names none of several workspaces', async () => {
    await using cutover = await startInProcess()
    await cutover.createWorkspace('Other')
    const detail = 'This token serves several workspaces: name one in the header Cutover-Workspace'
    expectProblem(await cutover.call(ask({ platform: 'web' })), 400, 'workspace_required', detail)
  })

  it.each(['GET', 'PUT', 'DELETE', 'PATCH'] as const)('with method %s: 405 with Allow', async (method) => {
    await using cutover = await startInProcess()
    const response = await cutover.call({ method, url: '/v1/verifications?x=1', token: null })
    expectProblem(response, 405, 'method_not_allowed', 'The header Allow names the methods that this path knows')
    expect(response.headers.allow).toBe('POST, OPTIONS')
  })

  it('at an unknown path under /v1/', async () => {
    await using cutover = await startInProcess()
    for (const url of ['/v1/', '/v1/nothing', '/v1/verifications/', '/v1/%ff']) {
      const response = await cutover.call({ method: 'POST', url, token: null })
      expectProblem(response, 404, 'not_found', 'There is nothing at this path', url)
    }
  })
})

describe('a batch', () => {
  it('answers each item in its place with its reference, and one bad item fails no other', async () => {
    await using cutover = await startInProcess()
    const { id, secret } = await createSecret(cutover)
    const good = { platform: 'web', userId: 'u', userHash: signUserHash(secret, 'u') }
    const response = await cutover.call(
      askBatch([{ ...good, reference: 'a' }, { platform: 'tv', reference: 'b' }, 'x', good, { ...good, reference: 7 }]),
    )
    expect(response.statusCode).toBe(200)
    const { results } = response.json()
    const invalid = {
      verified: false,
      decision: 'reject',
      reason: 'item_invalid',
      method: null,
      ...nothing,
      enforcement: null,
    }
    expect(results[0]).toMatchObject({ verified: true, secretId: id, reference: 'a' })
    expect(results[1]).toEqual({
      ...invalid,
      reference: 'b',
      errors: [{ field: 'platform', message: 'platform must be one of web, ios, android' }],
    })
    expect(results[2]).toEqual({ ...invalid, errors: [{ field: '', message: 'the value must be an object' }] })
    expect(results[3]).toMatchObject({ verified: true })
    expect(results[3]).not.toHaveProperty('reference')
    expect(results[4]).toEqual({ ...invalid, errors: [{ field: 'reference', message: 'reference must be a string' }] })
  })

  it('reaches over workspaces, and an item that names an unknown one is invalid alone', async () => {
    await using cutover = await startInProcess()
    const other = await cutover.createWorkspace('Other')
    const { secret } = await createSecret(cutover, { supports_web: true }, { 'cutover-workspace': other })
    const item = { platform: 'web', userId: 'u', userHash: signUserHash(secret, 'u') }
    const items = [other, cutover.workspaceId, 'ws_00000000000000000000'].map((workspaceId) => ({
      ...item,
      workspaceId,
    }))
    const { results } = (await cutover.call(askBatch(items))).json()
    expect(results.map(({ reason }: { reason: string }) => reason)).toEqual([null, 'no_active_secret', 'item_invalid'])
    expect(results[2].errors).toEqual([{ field: 'workspaceId', message: 'workspaceId names no workspace' }])
  })

  it('takes 1 to 1000 items', async () => {
    await using cutover = await startInProcess()
    const answers = await Promise.all(
      [0, 1, 1000, 1001].map((n) => cutover.call(askBatch(Array.from({ length: n }, () => ({ platform: 'web' }))))),
    )
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([422, 200, 200, 422])
    expect(answers[2]?.json().results).toHaveLength(1000)
    expect(answers[3]?.json().errors).toEqual([{ field: 'items', message: 'items must have at most 1000 items' }])
  })

  it('that is large waits until others were answered since the last one', async () => {
    await using cutover = await startInProcess()
    const large = askBatch(Array.from({ length: 1000 }, () => ({ platform: 'web', reference: 'a large batch' })))
    const answered: string[] = []
    const batch = async () => {
      await cutover.call(large)
      answered.push('batch')
    }
    const single = async () => {
      await cutover.call(ask({ platform: 'web' }))
      answered.push('single')
    }
    await single()
    await Promise.all([batch().then(single), batch()])
    expect(answered.slice(1)).toEqual(['batch', 'single', 'batch'])
  })

  it('may have 25,000 names, objects and lists, and no more', async () => {
    await using cutover = await startInProcess()
    const bodyOf = (names: number) => {
      const members = Array.from({ length: names }, (_, index) => `"${index}":0`)
      return { ...askBatch([]), payload: `{"items":[{${members.join()}}]}` }
    }
    expect((await cutover.call(bodyOf(25_000 - 4))).statusCode).toBe(200)
    const over = await cutover.call(bodyOf(25_000 - 3))
    expect([over.statusCode, over.json().errors]).toEqual([
      422,
      [{ field: '', message: 'the value has more than 25000 names, objects and lists' }],
    ])
  })

  it('may be 1 MiB, and no more', async () => {
    await using cutover = await startInProcess()
    const bodyOf = (bytes: number) => ({ ...askBatch([]), payload: `{"items":["${'x'.repeat(bytes - 14)}"]}` })
    expect((await cutover.call(bodyOf(1024 * 1024))).statusCode).toBe(200)
    expect((await cutover.call(bodyOf(1024 * 1024 + 1))).statusCode).toBe(413)
  })
})

describe('GET /health', () => {
  it('tells the holder of a token what it is', async () => {
    await using cutover = await startInProcess()
    const expiresAtMs = cutover.clock.nowMs + 60_000
    const token = await cutover.createToken({ scopes: ['verify'], workspaceId: cutover.workspaceId, expiresAtMs })
    expect((await cutover.call({ url: '/health', token })).json()).toEqual({
      status: 'ok',
      workspaceId: cutover.workspaceId,
      tokenName: 'a test',
      environment: null,
      scopes: ['verify'],
      expiresAt: new Date(expiresAtMs).toISOString(),
    })
    expect((await cutover.call({ url: '/health' })).json().workspaceId).toBe(cutover.workspaceId)
    await cutover.createWorkspace('Other')
    expect((await cutover.call({ url: '/health' })).json().workspaceId).toBeNull()
    const detail = 'The access token is missing, malformed, unknown, expired or revoked'
    expectProblem(await cutover.call({ url: '/health', token: null }), 401, 'unauthorized', detail, '/health')
  })
})
