import { type CallRecord, CutoverClient } from '@cutover/client'
import { IntegratorClient } from '@cutover/client/integrator'
import { operations } from '@cutover/contract'
import { afterAll, describe, expect, it } from 'vitest'
import { OpenApiConformance, type OpenApiDocument } from '../../server/test/openapi-conformance.ts'
import { type ListeningCutover, startListening } from './listening-cutover.ts'

/** What one call sent, and what was answered. */
interface Exchange {
  readonly method: string
  readonly path: string
  readonly status: number
}

interface Subject {
  readonly cutover: ListeningCutover
  readonly client: CutoverClient
  /** Without a token; keeps cookies, and says where its page is from. */
  readonly browser: CutoverClient
  /** A client that signs, of an integrator of its own. */
  integrator(): Promise<IntegratorClient>
}

type OperationId = keyof typeof operations

/** The one method of each operation, by its path in the client, and a call of it that succeeds. */
const methods: Readonly<Record<OperationId, readonly [method: string, call: (subject: Subject) => Promise<unknown>]>> =
  {
    listSecureModeSecrets: ['secureModeSecrets.list', ({ client }) => client.secureModeSecrets.list()],
    createSecureModeSecret: ['secureModeSecrets.create', ({ client }) => createSecureMode(client)],
    deleteSecureModeSecret: [
      'secureModeSecrets.delete',
      async ({ client }) => client.secureModeSecrets.delete((await createSecureMode(client)).id),
    ],
    listIdentitySecrets: [
      'identitySecrets.list',
      ({ client }) => client.identitySecrets.list({ state: 'all', limit: 2 }),
    ],
    createIdentitySecret: ['identitySecrets.create', ({ client }) => createSecret(client)],
    readIdentitySecret: ['identitySecrets.read', ofSecret((client, id) => client.identitySecrets.read(id))],
    editIdentitySecret: [
      'identitySecrets.edit',
      ofSecret((client, id) => client.identitySecrets.edit(id, { name: 'B' })),
    ],
    disableIdentitySecret: [
      'identitySecrets.disable',
      ofSecret((client, id) => client.identitySecrets.disable(id, { revertAfterSeconds: 60 })),
    ],
    enableIdentitySecret: ['identitySecrets.enable', ofSecret((client, id) => client.identitySecrets.enable(id))],
    retireIdentitySecret: [
      'identitySecrets.retire',
      ofSecret((client, id) => client.identitySecrets.retire(id, { afterSeconds: 60 })),
    ],
    cancelRetirement: [
      'identitySecrets.cancelRetirement',
      ofSecret((client, id) => client.identitySecrets.cancelRetirement(id)),
    ],
    rotateIdentitySecret: [
      'identitySecrets.rotate',
      ofSecret((client, id) => client.identitySecrets.rotate(id, { graceSeconds: 60 })),
    ],
    deleteIdentitySecret: [
      'identitySecrets.delete',
      ofSecret((client, id) => client.identitySecrets.delete(id, { ifQuietForSeconds: 60 })),
    ],
    restoreIdentitySecret: [
      'identitySecrets.restore',
      ofSecret(async (client, id) => {
        await client.identitySecrets.delete(id)
        return client.identitySecrets.restore(id)
      }),
    ],
    readUsage: ['identitySecrets.usage', ofSecret((client, id) => client.identitySecrets.usage(id, { bucket: 'day' }))],
    readCutover: [
      'identitySecrets.cutover',
      ofSecret((client, id) => client.identitySecrets.cutover(id, { quietSeconds: 60 })),
    ],
    streamCutover: [
      'identitySecrets.liveCutover',
      ofSecret(async (client, id) => {
        const events = client.identitySecrets.liveCutover(id)
        const { value } = await events.next()
        await events.return(undefined)
        return value
      }),
    ],
    readOutcomes: ['verifications.outcomes', ({ client }) => client.verifications.outcomes()],
    createSession: ['sessions.create', ({ browser, cutover }) => browser.sessions.create(cutover.token)],
    endSession: [
      'sessions.end',
      async ({ browser, cutover }) => {
        await browser.sessions.create(cutover.token)
        return browser.sessions.end()
      },
    ],
    verify: ['verifications.verify', ({ client }) => client.verifications.verify({ platform: 'web' })],
    verifyBatch: ['verifications.verifyBatch', ({ client }) => client.verifications.verifyBatch([{ platform: 'web' }])],
    diagnose: [
      'verifications.diagnose',
      ({ client }) => client.verifications.diagnose({ platform: 'web', userId: 'u', userHash: '00' }),
    ],
    verifyRequest: [
      'verifications.verifyRequest',
      ({ client }) =>
        client.verifications.verifyRequest({
          integratorKey: 'int_b2K9qTzX4mWvL0sYh7Rd',
          timestamp: String(Date.now()),
          method: 'GET',
          path: '/',
          bodySha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
          signature: `sha256=${'0'.repeat(64)}`,
        }),
    ],
    createAccessToken: ['accessTokens.create', ({ client }) => createToken(client)],
    listAccessTokens: ['accessTokens.list', ({ client }) => client.accessTokens.list({ instance: true })],
    revokeAccessToken: [
      'accessTokens.revoke',
      async ({ client }) => client.accessTokens.revoke((await createToken(client)).id, { cascade: true }),
    ],
    rotateAccessToken: [
      'accessTokens.rotate',
      async ({ client }) => client.accessTokens.rotate((await createToken(client)).id, { oldTokenValidForSeconds: 0 }),
    ],
    ownIntegrator: ['integrator.self', async (subject) => (await subject.integrator()).self()],
    regenerateSecret: [
      'integrator.regenerateSecret',
      async (subject) => (await subject.integrator()).regenerateSecret({ oldSecretValidForSeconds: 60 }),
    ],
    createIntegrator: ['integrators.create', ({ client }) => client.integrators.create({ name: 'Acme' })],
    listIntegrators: ['integrators.list', ({ client }) => client.integrators.list({ overdue: false })],
    readIntegrator: ['integrators.read', ofIntegrator((client, id) => client.integrators.read(id))],
    deleteIntegrator: ['integrators.delete', ofIntegrator((client, id) => client.integrators.delete(id))],
    readIntegratorUsage: ['integrators.usage', ofIntegrator((client, id) => client.integrators.usage(id))],
    readIntegratorCutover: ['integrators.cutover', ofIntegrator((client, id) => client.integrators.cutover(id))],
    readSettings: ['settings.read', ({ client }) => client.settings.read()],
    changeSettings: ['settings.replace', async ({ client }) => client.settings.replace(await client.settings.read())],
    readReadiness: ['settings.readiness', ({ client }) => client.settings.readiness()],
    createWorkspace: ['workspaces.create', ({ client }) => client.workspaces.create('Other')],
    listWorkspaces: ['workspaces.list', ({ client }) => client.workspaces.list({ limit: 1 })],
    renameWorkspace: [
      'workspaces.rename',
      async ({ client }) => client.workspaces.rename((await client.workspaces.create('A')).id, 'B'),
    ],
    deleteWorkspace: [
      'workspaces.delete',
      async ({ client }) => client.workspaces.delete((await client.workspaces.create('A')).id),
    ],
    listNodes: ['nodes', ({ client }) => client.nodes()],
    listAuditLog: [
      'auditLog.list',
      ({ client }) =>
        client.auditLog.list({ action: 'identity_secret.created', from: '2026-01-01T00:00:00Z', limit: 3 }),
    ],
    exportAuditLog: ['auditLog.export', ({ client }) => bytesOf(client.auditLog.export({ chain: 'instance' }))],
    checkpointAuditLog: ['auditLog.checkpoint', ({ client }) => client.auditLog.checkpoint()],
    auditLogKey: ['auditLog.key', ({ client }) => client.auditLog.key()],
    health: ['health', ({ client }) => client.health()],
    liveness: ['live', ({ client }) => client.live()],
    readiness: ['ready', ({ client }) => client.ready()],
    metrics: ['metrics', ({ client }) => client.metrics()],
  }

/** Methods beside those: the same operation in another form. */
const further = {
  // Every page of `list`.
  'identitySecrets.all': 'listIdentitySecrets',
  'accessTokens.all': 'listAccessTokens',
  'integrators.all': 'listIntegrators',
  'workspaces.all': 'listWorkspaces',
  'auditLog.all': 'listAuditLog',
  // The operator's side of one operation: an access token in place of the signature.
  'integrators.recoverSecret': 'regenerateSecret',
} as const

const cutover = await startListening({ environment: { CUTOVER_MAX_ACTIVE_SECRETS: '200' } })
afterAll(() => cutover[Symbol.asyncDispose]())
await cutover.createWorkspace('Another one')
// Sound: every answer of the server is held against it in that form.
const document = (await (await fetch(`${cutover.baseUrl}/openapi.json`)).json()) as OpenApiDocument
const conformance = new OpenApiConformance(document)
const documented = operationsOf(document)

describe('the client and the OpenAPI document', () => {
  it('know the same operations', () => {
    expect([...documented.keys()].sort()).toEqual(Object.keys(methods).sort())
    expect(Object.keys(operations).sort()).toEqual(Object.keys(methods).sort())
  })

  it('have exactly one method for each operation, and no method that is none, besides those that are named', () => {
    const named = [...Object.values(methods).map(([method]) => method), ...Object.keys(further)]
    expect(new Set(named).size).toBe(named.length)
    expect(methodsOfClients().sort()).toEqual(named.sort())
  })

  it.each(Object.entries(methods))('%s: is called as documented, and answered as documented', async (id, [, call]) => {
    const { exchanges, records, subject } = watched()
    await call(subject)
    const last = exchanges.at(-1)
    const [method, template] = documented.get(id) ?? []
    expect(last?.method).toBe(method)
    expect(last?.path).toMatch(patternOf(template ?? ''))
    expect(last?.status).toBeLessThan(300)
    // A live view is left, and not read to its end.
    const result = id === 'streamCutover' ? 'failure' : 'success'
    expect(records.at(-1)).toMatchObject({ action: id, result })
  })

  it('regenerateSecret: is called as documented by an operator, too', async () => {
    const { exchanges, subject } = watched()
    const { key } = await subject.client.integrators.create({ name: 'Acme' })
    const { secret } = await subject.client.integrators.recoverSecret(key, { oldSecretValidForSeconds: 0 })
    expect(exchanges.at(-1)).toMatchObject({ method: 'POST', path: '/v1/integrator/regenerate-secret', status: 200 })
    expect((await cutover.integrator({ key, secret }).self()).key).toBe(key)
  })
})

/** Clients whose every exchange is noted, and held against the document. */
function watched() {
  const exchanges: Exchange[] = []
  const records: CallRecord[] = []
  const options = {
    baseUrl: cutover.baseUrl,
    audit: (record: CallRecord) => void records.push(record),
    fetch: async (input: Parameters<typeof fetch>[0], init?: RequestInit) => {
      const response = await fetch(input, init)
      const method = init?.method ?? ''
      const { pathname } = new URL(String(input))
      // A stream has no end that could be waited for.
      const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
      if (!isStream) await expectConforming(method, pathname, response.clone())
      exchanges.push({ method, path: pathname, status: response.status })
      return response
    },
  }
  const client = new CutoverClient({ ...options, token: cutover.token, workspace: cutover.workspaceId })
  const browser = new CutoverClient({ ...options, fetch: inBrowser(options.fetch) })
  const integrator = async () => {
    const { key, secret } = await client.integrators.create({ name: 'Acme' })
    return new IntegratorClient({ ...options, key, secret })
  }
  return { exchanges, records, subject: { cutover, client, browser, integrator } }
}

/** As a page of the server itself would send it. */
function inBrowser(send: typeof fetch): typeof fetch {
  let cookie = ''
  return async (input, init) => {
    const headers = new Headers(init?.headers)
    headers.set('Origin', cutover.baseUrl)
    if (cookie !== '') headers.set('Cookie', cookie)
    const response = await send(input, { ...init, headers })
    cookie = response.headers.getSetCookie()[0]?.split(';', 1)[0] ?? cookie
    return response
  }
}

async function expectConforming(method: string, url: string, response: Response): Promise<void> {
  const body = await response.text()
  const headers = Object.fromEntries(response.headers)
  const seen = { statusCode: response.status, headers, body, json: () => JSON.parse(body) }
  // Sound: of a response it reads nothing else.
  conformance.check(method, url, seen as unknown as Parameters<OpenApiConformance['check']>[2])
}

function operationsOf({ paths }: OpenApiDocument): ReadonlyMap<string, readonly [method: string, path: string]> {
  const entries = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      // Sound: OpenAPI 3.1 §4.8.10, and each of ours has one.
      const { operationId } = operation as { operationId?: string }
      return [operationId ?? `${method} ${path}`, [method.toUpperCase(), path]] as const
    }),
  )
  return new Map(entries)
}

function patternOf(template: string): RegExp {
  return new RegExp(`^${template.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`)
}

/** Every public method that the two clients have, by its path. */
function methodsOfClients(): string[] {
  const client = cutover.client()
  const groups = Object.entries(client).flatMap(([name, group]) =>
    methodNames(group).map((method) => `${name}.${method}`),
  )
  const own = methodNames(cutover.integrator({ key: 'int_1', secret: 's' })).map((name) => `integrator.${name}`)
  return [...methodNames(client), ...groups, ...own]
}

function methodNames(of: object): string[] {
  return Object.getOwnPropertyNames(Object.getPrototypeOf(of)).filter((name) => name !== 'constructor')
}

function ofSecret(call: (client: CutoverClient, id: string) => Promise<unknown>) {
  return async ({ client }: Subject) => call(client, (await createSecret(client)).id)
}

function ofIntegrator(call: (client: CutoverClient, id: string) => Promise<unknown>) {
  return async ({ client }: Subject) => call(client, (await client.integrators.create({ name: 'Acme' })).id)
}

function createSecureMode(client: CutoverClient) {
  return client.secureModeSecrets.create({ name: 'Spring', supports_web: true })
}

function createSecret(client: CutoverClient) {
  return client.identitySecrets.create({ name: 'A', platforms: { web: true, ios: false, android: false } })
}

function createToken(client: CutoverClient) {
  return client.accessTokens.create({ name: 'A', scopes: ['verify'] })
}

async function bytesOf(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const taken: Uint8Array[] = []
  for await (const piece of pieces) taken.push(piece)
  return Buffer.concat(taken)
}
