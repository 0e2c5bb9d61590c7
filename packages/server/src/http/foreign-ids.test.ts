import { type Scope, scopeNames } from '@cutover/contract'
import type { InjectOptions } from 'fastify'
import { describe, expect, it } from 'vitest'
import { engines, type InProcess, startInProcess } from '../../test/in-process.ts'
import type { OpenApiDocument } from '../../test/openapi-conformance.ts'
import { ownOrigin, signIn } from '../../test/sessions.ts'

const workspaceScopes = scopeNames.filter(
  (scope): scope is Exclude<Scope, 'manage_workspaces'> => scope !== 'manage_workspaces',
)

interface Route {
  readonly method: NonNullable<InjectOptions['method']>
  readonly path: string
  readonly payload: object | undefined
}

/** Every operation of the document that asks for a credential, with the example of its body. */
function routesOf(document: OpenApiDocument): Route[] {
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([, operation]) => (operation as { security?: unknown[] }).security?.length)
      .map(([method, operation]) => {
        const name = method.toUpperCase() as Route['method'] // sound: OpenAPI names methods in lower case
        return { method: name, path, payload: operation.requestBody?.content['application/json']?.example }
      }),
  )
}

/** What an answer tells, without what is different in every answer. */
async function answer(
  cutover: InProcess,
  route: Route,
  id: string,
  extra: { token?: string | null; headers?: object },
) {
  const url = route.path.replace('{id}', id)
  const headers = { ...(extra.headers as Record<string, string>) }
  const request = { method: route.method, url, headers, ...(route.payload ? { payload: route.payload } : {}) }
  const response = await cutover.call({ ...request, ...('token' in extra ? { token: extra.token ?? null } : {}) })
  const { 'x-request-id': requestId, date, 'x-ratelimit-remaining': remaining, ...rest } = response.headers
  const body = response.body.replaceAll(String(requestId), 'REQUEST').replaceAll(url, 'URL')
  return { status: response.statusCode, body, headers: { ...rest, 'content-length': body.length } }
}

async function prepare(engine: (typeof engines)[number]) {
  const cutover = await startInProcess({ engine, environment: { CUTOVER_RATE_LIMIT_PER_MINUTE: '0' } })
  const other = await cutover.createWorkspace('Other')
  const mine = await cutover.createToken({ scopes: workspaceScopes, workspaceId: cutover.workspaceId })
  const theirs = await cutover.createToken({ scopes: workspaceScopes, workspaceId: other })
  const secret = await cutover.call({
    method: 'POST',
    url: '/secure_mode_secrets',
    payload: { name: 's', supports_web: true },
    token: theirs,
  })
  const token = await cutover.call({
    method: 'POST',
    url: '/v1/access-tokens',
    payload: { name: 't', preset: 'rotator' },
    token: theirs,
  })
  const integrator = await cutover.call({
    method: 'POST',
    url: '/v1/integrators',
    payload: { name: 'i' },
    token: theirs,
  })
  const document = (await cutover.app.inject({ url: '/openapi.json' })).json<OpenApiDocument>()
  const ofInstance = await cutover.call({ url: '/v1/access-tokens?instance=true' })
  const ids = {
    '/secure_mode_secrets/{id}': { foreign: [secret.json().id], absent: '999999' },
    '/v1/access-tokens/{id}': {
      foreign: [token.json().id, ofInstance.json().data[0].id],
      absent: 'tok_00000000000000000000',
    },
    '/v1/identity-secrets/{id}': { foreign: [secret.json().id], absent: '999999' },
    '/v1/integrators/{id}': { foreign: [integrator.json().id], absent: 'itg_00000000000000000000' },
    '/v1/workspaces/{id}': { foreign: [other], absent: 'ws_00000000000000000000' },
  }
  return { cutover, other, mine, theirs, routes: routesOf(document), ids, secretId: secret.json().id }
}

/** Takes no token at all. */
function isSignedAlone({ path }: Pick<Route, 'path'>): boolean {
  return path === '/v1/integrator'
}

/** Below /v1/integrator a missing scope is a 401. */
function statusWithoutScope({ path }: Route): number {
  if (path === '/health') return 200
  if (path === '/v1/sessions') return 404
  return path.startsWith('/v1/integrator/') || isSignedAlone({ path }) ? 401 : 403
}

describe.each(engines)('every route on %s', (engine) => {
  it('answers for an id of another workspace exactly as for one that does not exist', async () => {
    const { cutover, mine, routes, ids, secretId, theirs } = await prepare(engine)
    await using _ = cutover
    const withId = routes.filter(({ path }) => path.includes('{id}'))
    const covered = withId.map(({ method, path }) => `${method} ${path}`)
    expect(covered).toContain('GET /v1/integrators/{id}')
    expect(covered).toContain('DELETE /v1/integrators/{id}')
    expect(covered.length).toBeGreaterThan(15)
    for (const route of withId) {
      const entry = Object.entries(ids).find(([path]) => route.path.startsWith(path))
      if (!entry) throw new Error(`${route.path}: say what a foreign id is there`)
      const [, { foreign, absent }] = entry
      const expected = await answer(cutover, route, absent, { token: mine })
      expect([403, 404]).toContain(expected.status)
      for (const id of [...foreign, '%00']) expect(await answer(cutover, route, id, { token: mine })).toEqual(expected)
    }
    expect((await cutover.call({ url: '/secure_mode_secrets', token: theirs })).json().data).toMatchObject([
      { id: secretId },
    ])
  })

  it('answers a workspace token that names another workspace exactly as one that names none that exists', async () => {
    const { cutover, mine, other, routes } = await prepare(engine)
    await using _ = cutover
    const placeless = ['/v1/audit-log/key', '/v1/nodes']
    const ofNoWorkspace = ({ path }: Route) =>
      path.startsWith('/v1/workspaces') || placeless.includes(path) || isSignedAlone({ path })
    for (const route of routes.filter((each) => !ofNoWorkspace(each))) {
      const named = (workspace: string) =>
        answer(cutover, route, '1', { token: mine, headers: { 'cutover-workspace': workspace } })
      const expected = await named('ws_00000000000000000000')
      expect([route.path, expected.status]).toEqual([route.path, 404])
      expect(await named(other)).toEqual(expected)
      expect((await named('nonsense')).status).toBe(404)
    }
  })

  it('takes a session wherever it takes a token', async () => {
    const { cutover, mine, routes } = await prepare(engine)
    await using _ = cutover
    const taken = routes.filter((each) => !isSignedAlone(each) && each.path !== '/v1/sessions')
    expect(taken.length).toBeGreaterThan(40)
    const { cookie } = await signIn(cutover, mine)
    for (const route of taken) {
      const statusWith = async (extra: { token: string | null; headers?: object }) =>
        [route.method, route.path, (await answer(cutover, route, '999999', extra)).status] as const
      const withSession = await statusWith({ token: null, headers: { cookie, origin: ownOrigin } })
      expect(withSession[2]).not.toBe(401)
      // What makes something makes one more.
      expect(withSession).toEqual(await statusWith({ token: mine }))
    }
  })

  it('refuses every wrong kind of credential with 401, and a token without scopes with the status of its dialect', async () => {
    const { cutover, mine, routes } = await prepare(engine)
    await using _ = cutover
    const scopeless = await cutover.createToken({ scopes: [], workspaceId: cutover.workspaceId })
    const wrong: object[] = [
      {},
      { authorization: '' },
      { authorization: 'Bearer' },
      { authorization: `Basic ${Buffer.from(`${mine}:`).toString('base64')}` },
      { authorization: `Bearer ${mine}x` },
      { authorization: `Bearer ${mine} x` },
      { authorization: `Token ${mine}` },
      { 'x-api-key': mine },
      { cookie: `token=${mine}` },
    ]
    for (const route of routes) {
      for (const headers of wrong) {
        const { status } = await answer(cutover, route, '1', { token: null, headers })
        expect([route.method, route.path, headers, status]).toEqual([route.method, route.path, headers, 401])
      }
      const { status } = await answer(cutover, { ...route, path: `${route.path}?access_token=${mine}` }, '1', {
        token: null,
      })
      expect(status).toBe(401)
      const narrow = await answer(cutover, route, '1', { token: scopeless })
      expect([route.path, narrow.status]).toEqual([route.path, statusWithoutScope(route)])
    }
  })
})
