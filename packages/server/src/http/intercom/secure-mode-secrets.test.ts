import { hash } from 'node:crypto'
import type { ErrorListEntry } from '@cutover/contract'
import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import { describe, expect, it } from 'vitest'
import { engines, type InProcess, startInProcess } from '../../../test/in-process.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

function create(body: unknown, headers: Record<string, string> = {}): InjectOptions {
  return {
    method: 'POST',
    url: '/secure_mode_secrets',
    headers: { 'content-type': 'application/json', ...headers },
    payload: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
  }
}

const spring = { name: 'Spring', supports_web: true }

function expectErrorList(response: LightMyRequestResponse, status: number, ...errors: ErrorListEntry[]): void {
  expect(response.statusCode).toBe(status)
  expect(response.headers['content-type']).toBe('application/json; charset=utf-8')
  expect(response.json()).toEqual({ type: 'error.list', request_id: response.headers['x-request-id'], errors })
  expect(response.headers['x-request-id']).toMatch(uuid)
}

const notFound = {
  code: 'identity_verification_secret_not_found',
  message: 'Identity verification secret not found',
} as const

describe.each(engines)('identity secrets on %s', (engine) => {
  it('creates, lists oldest first, deletes softly, and shows the secret once', async () => {
    await using cutover = await startInProcess({ engine })
    const first = await cutover.call(create({ name: '  Spring \t', supports_web: true, supports_ios: true }))
    expect(first.statusCode).toBe(201)
    expect(first.headers['cache-control']).toBe('no-store')
    const { secret, ...shown } = first.json()
    expect(shown).toEqual({
      type: 'identity_verification_secret',
      id: '1',
      name: 'Spring',
      supports_android: false,
      supports_ios: true,
      supports_web: true,
      created_at: Math.floor(cutover.clock.nowMs / 1000),
    })
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32)

    const second = await cutover.call(create({ name: 'Summer', supports_android: true }))
    const list = await cutover.call({ url: '/secure_mode_secrets' })
    const { secret: _, ...secondShown } = second.json()
    expect(list.json()).toEqual({ type: 'list', data: [shown, secondShown] })

    const deleted = await cutover.call({ method: 'DELETE', url: '/secure_mode_secrets/1' })
    expect(deleted.statusCode).toBe(204)
    expect(deleted.body).toBe('')
    expect(Number(deleted.headers['cutover-revocation-epoch'])).toBeGreaterThan(0)
    expect((await cutover.call({ url: '/secure_mode_secrets' })).json().data).toEqual([secondShown])
  })

  it('answers 404 for an id that is malformed, unknown, deleted or of another workspace, and all alike', async () => {
    await using cutover = await startInProcess({ engine })
    const { id } = (await cutover.call(create(spring))).json()
    await cutover.call({ method: 'DELETE', url: `/secure_mode_secrets/${id}` })
    const foreign = await cutover.createWorkspace('Other')
    const mine = await cutover.createToken({ scopes: ['write_secure_mode_secret'], workspaceId: cutover.workspaceId })
    const theirs = (await cutover.call(create(spring, { 'cutover-workspace': foreign }))).json().id
    for (const each of [
      id,
      '99',
      theirs,
      '0',
      '01',
      '-1',
      '1e3',
      'abc',
      '9'.repeat(19),
      '1'.repeat(20),
      '%00',
      '1%2F2',
      '1'.repeat(2000),
    ]) {
      const response = await cutover.call({ method: 'DELETE', url: `/secure_mode_secrets/${each}`, token: mine })
      expectErrorList(response, 404, notFound)
    }
    const list = await cutover.call({ url: '/secure_mode_secrets', headers: { 'cutover-workspace': foreign } })
    expect(list.json().data).toHaveLength(1)
  })

  it('gives a repeat with the same Idempotency-Key the same answer, byte for byte, for ten minutes', async () => {
    await using cutover = await startInProcess({ engine })
    const key = { 'idempotency-key': 'rotation-2027' }
    const first = await cutover.call(create(spring, key))
    cutover.clock.nowMs += 10 * 60 * 1000 - 1
    const repeat = await cutover.call(create(spring, key))
    expect(repeat.statusCode).toBe(201)
    expect(repeat.body).toBe(first.body)
    expect(repeat.headers['cache-control']).toBe('no-store')
    expect(repeat.headers['x-request-id']).not.toBe(first.headers['x-request-id'])
    cutover.clock.nowMs += 1
    const later = await cutover.call(create(spring, key))
    expect(later.json().id).not.toBe(first.json().id)
  })

  it('refuses an Idempotency-Key that comes back with another body', async () => {
    await using cutover = await startInProcess({ engine })
    const key = { 'idempotency-key': 'k' }
    await cutover.call(create(spring, key))
    const response = await cutover.call(create({ ...spring, name: 'Autumn' }, key))
    const message = 'Idempotency-Key was used with another request'
    expectErrorList(response, 422, { code: 'parameter_invalid', message })
    expect((await cutover.call({ url: '/secure_mode_secrets' })).json().data).toHaveLength(1)
  })

  it('destroys the kept answer together with its secret', async () => {
    await using cutover = await startInProcess({ engine })
    const key = { 'idempotency-key': 'k' }
    const { id } = (await cutover.call(create(spring, key))).json()
    await cutover.call({ method: 'DELETE', url: `/secure_mode_secrets/${id}` })
    const message = 'The answer to this Idempotency-Key was destroyed together with its secret'
    expectErrorList(await cutover.call(create(spring, key)), 409, { code: 'conflict', message })
  })

  it('keeps Idempotency-Keys apart by token and by workspace', async () => {
    await using cutover = await startInProcess({ engine })
    const other = await cutover.createWorkspace('Other')
    const token = await cutover.createToken({ scopes: ['write_secure_mode_secret'] })
    const here = { 'idempotency-key': 'k', 'cutover-workspace': cutover.workspaceId }
    const there = { 'idempotency-key': 'k', 'cutover-workspace': other }
    const answers = [
      await cutover.call(create(spring, here)),
      await cutover.call(create(spring, there)),
      await cutover.call({ ...create(spring, here), token }),
    ]
    expect(new Set(answers.map((answer) => answer.json().secret)).size).toBe(3)
  })

  it('refuses one live secret more than the limit, which deleted and expired ones do not count toward', async () => {
    await using cutover = await startInProcess({ engine, environment: { CUTOVER_MAX_ACTIVE_SECRETS: '2' } })
    const { id } = (await cutover.call(create(spring))).json()
    await cutover.call(create(spring))
    const full = { code: 'parameter_invalid', message: 'At most 2 live secrets are allowed' } as const
    expectErrorList(await cutover.call(create(spring)), 422, full)
    await cutover.call({ method: 'DELETE', url: `/secure_mode_secrets/${id}` })
    expect((await cutover.call(create(spring))).statusCode).toBe(201)
    expectErrorList(await cutover.call(create(spring)), 422, full)
  })

  it('makes one secret of fifty concurrent creates with one Idempotency-Key', async () => {
    await using cutover = await startInProcess({ engine })
    const requests = Array.from({ length: 50 }, () => cutover.call(create(spring, { 'idempotency-key': 'k' })))
    const answers = await Promise.all(requests)
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([201]))
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1)
    expect((await cutover.call({ url: '/secure_mode_secrets' })).json().data).toHaveLength(1)
  })
})

describe('a create is refused', () => {
  const name = (code: ErrorListEntry['code'], message: string): ErrorListEntry => ({ code, message, field: 'name' })
  const platform: ErrorListEntry = {
    code: 'parameter_invalid',
    message: 'at least one of supports_android, supports_ios, supports_web must be true',
  }
  const flag = (field: string): ErrorListEntry => ({
    code: 'type_mismatch',
    message: `${field} must be a boolean`,
    field,
  })

  it.each<[string, unknown, ErrorListEntry[]]>([
    ['without a name', { supports_web: true }, [name('parameter_invalid', 'name is required')]],
    ['with an empty name', { ...spring, name: '' }, [name('parameter_invalid', 'name is required')]],
    ['with a blank name', { ...spring, name: ' \t\u00a0 ' }, [name('parameter_invalid', 'name is required')]],
    [
      'with a name of 256 characters',
      { ...spring, name: 'é'.repeat(256) },
      [name('parameter_invalid', 'name is invalid')],
    ],
    [
      'with a control character in the name',
      { ...spring, name: 'a\u0000b' },
      [name('parameter_invalid', 'name is invalid')],
    ],
    ['with a line break in the name', { ...spring, name: 'a\nb' }, [name('parameter_invalid', 'name is invalid')]],
    [
      'with a lone surrogate in the name',
      '{"name":"a\\ud800","supports_web":true}',
      [name('parameter_invalid', 'name is invalid')],
    ],
    ['with a name that is a number', { ...spring, name: 5 }, [name('type_mismatch', 'name must be a string')]],
    ['with a name that is null', { ...spring, name: null }, [name('type_mismatch', 'name must be a string')]],
    ['with a flag that is a string', { name: 'a', supports_ios: 'true' }, [flag('supports_ios')]],
    ['with a flag that is null', { ...spring, supports_ios: null }, [flag('supports_ios')]],
    ['without a platform', { name: 'a' }, [platform]],
    ['with all platforms false', { name: 'a', supports_web: false }, [platform]],
    [
      'with several wrong fields, each named once',
      { name: 7, supports_web: 1, supports_ios: [] },
      [name('type_mismatch', 'name must be a string'), flag('supports_ios'), flag('supports_web')],
    ],
    ['with nothing in it', {}, [name('parameter_invalid', 'name is required'), platform]],
  ])('%s', async (_title, body, errors) => {
    await using cutover = await startInProcess()
    expectErrorList(await cutover.call(create(body)), 422, ...errors)
    expect((await cutover.call({ url: '/secure_mode_secrets' })).json().data).toEqual([])
  })

  const malformed = (message: string): ErrorListEntry => ({ code: 'parameter_invalid', message })
  it.each<[string, string | Buffer, string]>([
    ['an empty body', '', 'Request body is empty'],
    ['what is no JSON', '{"name":', 'Request body is not valid JSON'],
    ['an array', '[]', 'Request body must be a JSON object'],
    ['null', 'null', 'Request body must be a JSON object'],
    ['a string', '"name"', 'Request body must be a JSON object'],
    ['invalid UTF-8', Buffer.from('{"name":"\xff","supports_web":true}', 'latin1'), 'Request body is not valid UTF-8'],
    ['a BOM', '\ufeff{}', 'Request body is not valid JSON'],
    ['33 levels', `${'{"a":'.repeat(33)}1${'}'.repeat(33)}`, 'Request body is nested deeper than 32 levels'],
    ['60,000 levels', '['.repeat(60_000), 'Request body is nested deeper than 32 levels'],
  ])('when its body is %s', async (_title, body, message) => {
    await using cutover = await startInProcess()
    expectErrorList(await cutover.call(create(body)), 400, malformed(message))
  })

  it('when its body is over 64 KiB, and not when it is 64 KiB exactly', async () => {
    await using cutover = await startInProcess()
    const bodyOf = (bytes: number) => `{"name":"a","supports_web":true,"ignored":"${'x'.repeat(bytes - 45)}"}`
    const whole = bodyOf(64 * 1024)
    expect(Buffer.byteLength(whole)).toBe(64 * 1024)
    expect((await cutover.call(create(whole))).statusCode).toBe(201)
    const over = await cutover.call(create(bodyOf(64 * 1024 + 1)))
    expectErrorList(over, 413, { code: 'client_error', message: 'Request body is too large' })
  })

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json; charset=latin1',
    'application/jsonx',
    'x',
  ])('when its Content-Type is %s', async (type) => {
    await using cutover = await startInProcess()
    const response = await cutover.call(create(spring, { 'content-type': type }))
    expectErrorList(response, 415, { code: 'client_error', message: 'Content-Type must be application/json' })
  })

  it('when it has a body without a Content-Type, and is 400 when it has neither', async () => {
    await using cutover = await startInProcess()
    const url = '/secure_mode_secrets'
    const untyped = await cutover.call({ method: 'POST', url, payload: Buffer.from(JSON.stringify(spring)) })
    expectErrorList(untyped, 415, { code: 'client_error', message: 'Content-Type must be application/json' })
    expectErrorList(await cutover.call({ method: 'POST', url }), 400, malformed('Request body is empty'))
  })

  it.each(['', 'a'.repeat(256), 'a b', 'ä', 'a\u007f'])('when its Idempotency-Key is %j', async (key) => {
    await using cutover = await startInProcess()
    const message = 'Idempotency-Key must be 1 to 255 visible ASCII characters'
    expectErrorList(await cutover.call(create(spring, { 'idempotency-key': key })), 400, malformed(message))
  })
})

describe('a create is accepted', () => {
  it.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON;charset="UTF-8"'])(
    'with Content-Type %s',
    async (type) => {
      await using cutover = await startInProcess()
      expect((await cutover.call(create(spring, { 'content-type': type }))).statusCode).toBe(201)
    },
  )

  it('with fields it does not know, harmless names among them, which it ignores', async () => {
    await using cutover = await startInProcess()
    const body = '{"name":"a","supports_web":true,"__proto__":{"supports_ios":true},"constructor":{"x":1},"id":"7"}'
    const response = await cutover.call(create(body))
    expect(response.json()).toMatchObject({ id: '1', supports_ios: false })
    expect(({} as { supports_ios?: boolean }).supports_ios).toBeUndefined()
  })

  it.each(['a', '名'.repeat(255), '👩‍👩‍👧‍👦'.repeat(36), 'שלום', "'; drop table x; --", '<img src=x>', '$(id)'])(
    'with the name %s, which comes back as it was',
    async (name) => {
      await using cutover = await startInProcess()
      const response = await cutover.call(create({ ...spring, name }))
      expect(response.json().name).toBe(name)
      expect((await cutover.call({ url: '/secure_mode_secrets' })).json().data[0].name).toBe(name)
    },
  )
})

describe('access to identity secrets', () => {
  const unauthorized = { code: 'unauthorized', message: 'Access Token Invalid' } as const
  const bare = 'Bearer realm="cutover"'
  const presented = `${bare}, error="invalid_token"`
  const list: InjectOptions = { url: '/secure_mode_secrets' }

  async function expectUnauthorized(cutover: InProcess, token: string | null, challenge: string, headers = {}) {
    const response = await cutover.call({ ...list, token, headers })
    expectErrorList(response, 401, unauthorized)
    expect(response.headers['www-authenticate']).toBe(challenge)
  }

  it('needs a token, and says that a presented one is bad', async () => {
    await using cutover = await startInProcess()
    await expectUnauthorized(cutover, null, bare)
    const { token } = cutover
    const last = token.at(-1) === '0' ? '1' : '0'
    const unknown = await startInProcess().then(async (other) => {
      await other[Symbol.asyncDispose]()
      return other.token
    })
    const bad = ['', 'x', token.slice(0, -1), `${token}0`, token.slice(0, -1) + last, token.toUpperCase(), unknown]
    for (const each of bad) await expectUnauthorized(cutover, each, presented)
    await expectUnauthorized(cutover, null, presented, { authorization: `Basic ${token}` })
    await expectUnauthorized(cutover, null, presented, { authorization: token })
    const lowerCaseScheme = await cutover.call({ ...list, token: null, headers: { authorization: `bearer ${token}` } })
    expect(lowerCaseScheme.statusCode).toBe(200)
  })

  it('ends at the last millisecond of the token, half-open, with a warm cache too', async () => {
    await using cutover = await startInProcess()
    const expiresAtMs = cutover.clock.nowMs + 1000
    const token = await cutover.createToken({ scopes: ['read_all'], workspaceId: cutover.workspaceId, expiresAtMs })
    cutover.clock.nowMs = expiresAtMs - 1
    expect((await cutover.call({ ...list, token })).statusCode).toBe(200)
    cutover.clock.nowMs = expiresAtMs
    await expectUnauthorized(cutover, token, presented)
  })

  it.each([
    ['read_secure_mode_secret', 200, 403],
    ['read_all', 200, 403],
    ['write_secure_mode_secret', 403, 201],
    ['verify', 403, 403],
  ] as const)('with scope %s: list %i, create %i', async (scope, listed, created) => {
    await using cutover = await startInProcess()
    const token = await cutover.createToken({ scopes: [scope], workspaceId: cutover.workspaceId })
    const answers = [await cutover.call({ ...list, token }), await cutover.call({ ...create(spring), token })]
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([listed, created])
    for (const answer of answers.filter(({ statusCode }) => statusCode === 403)) {
      expectErrorList(answer, 403, { code: 'token_unauthorized', message: 'Not authorized to access resource' })
      expect(answer.headers['www-authenticate']).toBeUndefined()
    }
  })

  it('checks credential, scope, version, media type, JSON, fields and existence in this order', async () => {
    await using cutover = await startInProcess()
    const token = await cutover.createToken({ scopes: ['verify'], workspaceId: cutover.workspaceId })
    const headers = { 'content-type': 'text/plain', 'intercom-version': '9.9', 'cutover-workspace': 'ws_x' }
    const worst = { ...create('{', headers) }
    const steps: [InjectOptions & { token?: string | null }, number][] = [
      [{ ...worst, token: null }, 401],
      [{ ...worst, token }, 403],
      [worst, 400],
      [create('{', { ...headers, 'intercom-version': 'Preview' }), 415],
      [create('{', { ...headers, 'intercom-version': 'Preview', 'content-type': 'application/json' }), 400],
      [create('{}', { ...headers, 'intercom-version': 'Preview', 'content-type': 'application/json' }), 422],
      [create(spring, { 'cutover-workspace': 'ws_x' }), 404],
      [create(spring), 201],
    ]
    for (const [request, status] of steps) expect((await cutover.call(request)).statusCode).toBe(status)
  })

  it('lets an instance token name its workspace, and asks it to where there are several', async () => {
    await using cutover = await startInProcess()
    expect((await cutover.call(list)).statusCode).toBe(200)
    const other = await cutover.createWorkspace('Other')
    expectErrorList(await cutover.call(list), 400, {
      code: 'parameter_invalid',
      message: 'Cutover-Workspace is required',
    })
    for (const id of [cutover.workspaceId, other]) {
      expect((await cutover.call({ ...list, headers: { 'cutover-workspace': id } })).statusCode).toBe(200)
    }
    const resourceNotFound = { code: 'not_found', message: 'Resource not found' } as const
    for (const id of ['ws_00000000000000000000', 'ws_', 'x']) {
      expectErrorList(await cutover.call({ ...list, headers: { 'cutover-workspace': id } }), 404, resourceNotFound)
    }
    const token = await cutover.createToken({ scopes: ['read_all'], workspaceId: other })
    expectErrorList(
      await cutover.call({ ...list, token, headers: { 'cutover-workspace': cutover.workspaceId } }),
      404,
      resourceNotFound,
    )
  })
})

describe('Intercom-Version', () => {
  it.each(['Preview', 'preview', 'PREVIEW', '1.0', '1.4', '2.0', '2.9', '2.14', '2.17'])(
    '%s is accepted',
    async (version) => {
      await using cutover = await startInProcess()
      const response = await cutover.call({ url: '/secure_mode_secrets', headers: { 'intercom-version': version } })
      expect(response.statusCode).toBe(200)
    },
  )

  it.each(['', '1.5', '2.18', '3.0', '2', '2.00', 'latest', 'Unstable'])('%j is refused', async (version) => {
    await using cutover = await startInProcess()
    const response = await cutover.call({ url: '/secure_mode_secrets', headers: { 'intercom-version': version } })
    const message = 'Requested resource is not available in current API version'
    expectErrorList(response, 400, { code: 'intercom_version_invalid', message })
  })
})

describe('what has no route', () => {
  const resourceNotFound = { code: 'not_found', message: 'Resource not found' } as const
  it.each<[NonNullable<InjectOptions['method']>, string]>([
    ['GET', '/nowhere'],
    ['POST', '/'],
    ['GET', '/secure_mode_secrets/'],
    ['GET', '/secure_mode_secrets/1'],
    ['GET', '/SECURE_MODE_SECRETS'],
    ['PUT', '/secure_mode_secrets'],
    ['DELETE', '/secure_mode_secrets'],
    ['PATCH', '/secure_mode_secrets/1'],
    ['POST', '/health'],
    ['GET', '/v1'],
    ['GET', '/%ff'],
    ['GET', '/%'],
    ['OPTIONS', '/nowhere'],
  ])('%s %s is 404 in the words of the Intercom dialect', async (method, url) => {
    await using cutover = await startInProcess()
    const response = await cutover.app.inject({ method, url })
    expectErrorList(response, 404, resourceNotFound)
  })

  it('HEAD mirrors GET without its body', async () => {
    await using cutover = await startInProcess()
    const got = await cutover.call({ url: '/secure_mode_secrets' })
    const head = await cutover.call({ method: 'HEAD', url: '/secure_mode_secrets' })
    expect(head.statusCode).toBe(200)
    expect(head.body).toBe('')
    expect(head.headers['content-length']).toBe(got.headers['content-length'])
    expect(head.headers['content-type']).toBe(got.headers['content-type'])
  })

  it.each([
    ['/secure_mode_secrets', 'GET, HEAD, POST, OPTIONS'],
    ['/secure_mode_secrets/1', 'DELETE, OPTIONS'],
    ['/v1/verifications', 'POST, OPTIONS'],
  ])('OPTIONS %s is 204 and allows %s, without a credential', async (url, allow) => {
    await using cutover = await startInProcess()
    const response = await cutover.app.inject({ method: 'OPTIONS', url })
    expect([response.statusCode, response.body, response.headers.allow]).toEqual([204, '', allow])
  })
})

describe('the audit log', () => {
  it('holds who did what for each change and each refusal, in a chain, and nothing secret', async () => {
    await using cutover = await startInProcess()
    const created = (await cutover.call(create(spring))).json()
    await cutover.call({ method: 'DELETE', url: `/secure_mode_secrets/${created.id}` })
    await cutover.call({ method: 'DELETE', url: `/secure_mode_secrets/${created.id}` })
    await cutover.call({ ...create(spring), token: null })
    await cutover.cutover.refusals.flush()
    const { audit } = cutover.cutover.store.read
    const entries = await audit.page(cutover.workspaceId, 0, 100)
    expect(entries.map(({ action, result, resource }) => [action, result, resource.id])).toEqual([
      ['identity_secret.created', 'success', created.id],
      ['identity_secret.deleted', 'success', created.id],
      ['identity_secret.deleted', 'failure', null],
    ])
    const fingerprint = `sha256:${hash('sha256', created.secret, 'hex').slice(0, 16)}`
    expect(entries[0]?.metadata).toMatchObject({ name: 'Spring', fingerprint })
    const instance = await audit.page('instance', 0, 100)
    expect(instance.at(-1)).toMatchObject({
      result: 'failure',
      actor: { type: 'address' },
      metadata: { code: 'token_invalid' },
    })
    expect(JSON.stringify([entries, instance, cutover.log])).not.toContain(created.secret)
  })
})
