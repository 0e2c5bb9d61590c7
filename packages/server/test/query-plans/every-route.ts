import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import { purgeDeletedSecrets } from '../../src/identity-secrets/purge-deleted-secrets.ts'
import { forgetSignatures } from '../../src/integrators/consume-signature.ts'
import { UsagePruner } from '../../src/usage/prune-usage.ts'
import { userHash } from '../caller.ts'
import { addressOf, watchCutover } from '../event-reader.ts'
import { everywhere, IdentitySecrets } from '../identity-secrets.ts'
import type { InProcess } from '../in-process.ts'
import { askOwn, createIntegrator, regeneration, signature } from '../integrators.ts'
import { signIn, tokenFor } from '../sessions.ts'

interface Operation {
  readonly parameters?: readonly { readonly in: string; readonly name: string }[]
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

/** Asks, and remembers what was asked: the way to what the OpenAPI document has and nobody asked for. */
export class Asker {
  readonly #cutover: InProcess
  readonly #asked = new Set<string>()

  constructor(cutover: InProcess) {
    this.#cutover = cutover
  }

  async ask(request: InjectOptions & { token?: string | null }, status = 200): Promise<LightMyRequestResponse> {
    const { method = 'GET', url } = request
    this.remember(method, String(url))
    const response = await this.#cutover.call(request)
    if (response.statusCode !== status) throw new Error(`${method} ${url} ${response.statusCode} ${response.body}`)
    return response
  }

  remember(method: string, url: string): void {
    const [path = '', query] = url.split('?')
    this.#asked.add(`${method} ${path}`)
    for (const name of new URLSearchParams(query).keys()) this.#asked.add(`${method} ${path} ${name}`)
  }

  /** Operations, and query parameters of operations, that were not asked for. */
  missed(): readonly string[] {
    const { paths } = this.#cutover.app.swagger() as Document // sound: it is an OpenAPI document
    return Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).flatMap(([method, { parameters = [] }]) => {
        const names = parameters.filter((each) => each.in === 'query').map((each) => ` ${each.name}`)
        const place = `${method.toUpperCase()} ${path}`
        return ['', ...names].map((name) => place + name).filter((each) => !this.#isAsked(each))
      }),
    )
  }

  #isAsked(place: string): boolean {
    const pattern = new RegExp(`^${place.replaceAll(/\{\w+\}/g, '[^/ ]+')}$`)
    return [...this.#asked].some((each) => pattern.test(each))
  }
}

/** All that a tenant can ask for, and what the server does by itself meanwhile. */
export async function askEverything(cutover: InProcess, asker: Asker): Promise<void> {
  await askOfSecrets(cutover, asker)
  await askOfVerifications(cutover, asker)
  await askOfIntegrators(cutover, asker)
  await askOfAccess(cutover, asker)
  await askOfAuditLog(asker)
  await askOfWorkspaces(asker)
  await askOfInstance(asker)
  await keepHouseOnce(cutover)
}

async function askOfSecrets(cutover: InProcess, asker: Asker): Promise<void> {
  const path = '/v1/identity-secrets'
  const secrets = new IdentitySecrets(cutover)
  const create = async (headers: Record<string, string> = {}) => {
    const payload = { name: 'Spring', platforms: everywhere }
    return (await asker.ask({ method: 'POST', url: path, payload, headers }, 201)).json()
  }
  const act = (id: string, action: string, payload?: object, status = 200) =>
    asker.ask({ method: 'POST', url: `${path}/${id}/${action}`, ...(payload ? { payload } : {}) }, status)
  const kept = { 'idempotency-key': 'kept' }
  const { id } = await create(kept)
  await create(kept)
  await asker.ask(
    { method: 'POST', url: path, payload: { name: 'Old', platforms: everywhere, secret: 'k'.repeat(43) } },
    201,
  )
  await asker.ask({ method: 'PATCH', url: `${path}/${id}`, payload: { name: 'Summer' } })
  await act(id, 'disable', { revertAfterSeconds: 60 })
  await act(id, 'enable')
  await act(id, 'retire', { afterSeconds: 3600 })
  await act(id, 'cancel-retirement')
  const { id: next, secret } = (await act(id, 'rotate', {}, 201)).json()
  await secrets.verifies(secret)
  await cutover.cutover.flusher.flush()
  for (const query of ['', '?limit=1', '?limit=1&cursor=1', '?state=all', '?state=all&cursor=1', '?overdue=true']) {
    await asker.ask({ url: `${path}${query}` })
  }
  for (const each of ['', '/usage', '/usage?from=2026-11-20T00:00:00Z&to=2026-11-21T00:00:00Z&bucket=minute']) {
    await asker.ask({ url: `${path}/${next}${each}` })
  }
  for (const each of [id, next]) await asker.ask({ url: `${path}/${each}/cutover?quietSeconds=60` })
  await watchOnce(cutover, asker, next)
  await asker.ask({ method: 'DELETE', url: `${path}/${next}?ifQuietForSeconds=1` }, 409)
  await asker.ask({ method: 'DELETE', url: `${path}/${id}` }, 204)
  await asker.ask({ method: 'DELETE', url: `${path}/${id}` }, 404)
  await act(id, 'restore')
  await askOfSecureModeSecrets(asker)
}

async function watchOnce(cutover: InProcess, asker: Asker, id: string): Promise<void> {
  asker.remember('GET', `/v1/identity-secrets/${id}/cutover/stream?workspace=${cutover.workspaceId}`)
  const headers = { authorization: `Bearer ${cutover.token}`, 'cutover-workspace': cutover.workspaceId }
  const watched = await watchCutover(await addressOf(cutover.app), id, headers)
  if ((await watched.next()) === null) throw new Error('a live view ended at once')
  watched.close()
}

async function askOfSecureModeSecrets(asker: Asker): Promise<void> {
  const url = '/secure_mode_secrets'
  const made = await asker.ask({ method: 'POST', url, payload: { name: 'Spring', supports_web: true } }, 201)
  await asker.ask({ url })
  await asker.ask({ method: 'DELETE', url: `${url}/${made.json().id}` }, 204)
}

async function askOfVerifications(cutover: InProcess, asker: Asker): Promise<void> {
  const { secret } = await new IdentitySecrets(cutover).create()
  const url = '/v1/verifications'
  const payload = { platform: 'web', userId: 'user_1', userHash: userHash(secret, 'user_1'), source: 'backend/1' }
  await asker.ask({ method: 'POST', url, payload })
  await asker.ask({ method: 'POST', url: `${url}/batch`, payload: { items: [payload] } })
  await asker.ask({ method: 'POST', url: `${url}/diagnose`, payload: { ...payload, source: undefined } })
  await asker.ask({ url: `${url}/outcomes?from=2026-11-20T00:00:00Z&to=2026-11-21T00:00:00Z` })
  for (let source = 0; source < 60; source += 1) {
    await asker.ask({ method: 'POST', url, payload: { ...payload, source: `backend/${source}` } })
  }
  await cutover.cutover.flusher.flush()
}

async function askOfIntegrators(cutover: InProcess, asker: Asker): Promise<void> {
  const path = '/v1/integrators'
  asker.remember('POST', path)
  const by = await createIntegrator(cutover)
  for (const query of ['', '?limit=1&cursor=1', '?overdue=true']) await asker.ask({ url: `${path}${query}` })
  for (const each of [
    '',
    '/usage?from=2026-11-20T00:00:00Z&to=2026-11-21T00:00:00Z&bucket=day',
    '/cutover?quietSeconds=60',
  ]) {
    await asker.ask({ url: `${path}/${by.id}${each}` })
  }
  asker.remember('GET', '/v1/integrator')
  await askOwn(cutover, by)
  const request = { method: 'POST', path: '/hook', bodySha256: '0'.repeat(64), timestamp: String(cutover.clock.nowMs) }
  const signed = signature(by.secret, request.timestamp, request.method, request.path)
  const question = { ...request, integratorKey: by.key, signature: signed }
  for (const payload of [question, { ...question, consume: true }]) {
    await asker.ask({ method: 'POST', url: '/v1/request-verifications', payload })
  }
  await asker.ask(regeneration(cutover, by, 60))
  await cutover.cutover.flusher.flush()
  await asker.ask({ method: 'DELETE', url: `${path}/${by.id}?ifQuietForSeconds=1` }, 409)
  await asker.ask({ method: 'DELETE', url: `${path}/${by.id}` }, 204)
  await asker.ask({ method: 'DELETE', url: `${path}/${by.id}` }, 404)
}

async function askOfAccess(cutover: InProcess, asker: Asker): Promise<void> {
  const path = '/v1/access-tokens'
  const payload = { name: 'Backend', scopes: ['verify'] }
  const { id } = (await asker.ask({ method: 'POST', url: path, payload }, 201)).json()
  for (const query of ['', '?limit=1&cursor=1', '?instance=true', '?overdue=true']) {
    await asker.ask({ url: `${path}${query}` })
  }
  const rotation = { method: 'POST', url: `${path}/${id}/rotate`, payload: { oldTokenValidForSeconds: 60 } } as const
  const rotated = (await asker.ask(rotation, 201)).json()
  await asker.ask({ method: 'DELETE', url: `${path}/${id}` }, 204)
  await asker.ask({ method: 'DELETE', url: `${path}/${rotated.id}?cascade=true` }, 204)
  await asker.ask({ method: 'DELETE', url: `${path}/${id}` }, 204)
  asker.remember('POST', '/v1/sessions')
  const { cookie } = await signIn(cutover, await tokenFor(cutover))
  const headers = { cookie, origin: 'http://localhost' }
  cutover.cutover.node.dropAll()
  await asker.ask({ url: path, token: null, headers })
  await asker.ask({ method: 'DELETE', url: '/v1/sessions', token: null, headers }, 204)
}

async function askOfAuditLog(asker: Asker): Promise<void> {
  const period = 'from=2026-11-20T00:00:00Z&to=2026-11-22T00:00:00Z'
  const filters = ['actor=tok_x', 'action=identity_secret.created', 'resource=1', 'result=success', 'result=failure']
  const all = filters.slice(0, 4).join('&')
  for (const query of ['', ...filters, period, `${all}&${period}`, 'chain=instance', 'limit=1&cursor=1']) {
    await asker.ask({ url: `/v1/audit-log?${query}` })
  }
  for (const each of ['export', 'checkpoint']) await asker.ask({ url: `/v1/audit-log/${each}?chain=instance` })
  await asker.ask({ url: '/v1/audit-log/export' })
  await asker.ask({ url: '/v1/audit-log/key' })
}

async function askOfWorkspaces(asker: Asker): Promise<void> {
  const path = '/v1/workspaces'
  const { id } = (await asker.ask({ method: 'POST', url: path, payload: { name: 'Acme' } }, 201)).json()
  await asker.ask({ url: path })
  await asker.ask({ url: `${path}?limit=1&cursor=1` })
  await asker.ask({ method: 'PATCH', url: `${path}/${id}`, payload: { name: 'Acme Inc' } })
  const headers = { 'cutover-workspace': id }
  const settings = (await asker.ask({ url: '/v1/settings', headers })).json()
  const payload = { ...settings, rotationPolicy: { maxAgeDays: 90 } }
  await asker.ask({ method: 'PUT', url: '/v1/settings', headers, payload })
  await asker.ask({ url: '/v1/settings/readiness', headers })
  await asker.ask({ method: 'DELETE', url: `${path}/${id}` }, 204)
}

async function askOfInstance(asker: Asker): Promise<void> {
  for (const url of ['/health', '/livez', '/readyz', '/v1/nodes', '/metrics']) await asker.ask({ url })
}

/** As `keepHouse` does, at once. */
async function keepHouseOnce({ cutover }: InProcess): Promise<void> {
  const { store, system, node, flusher, checkpointLog, refusals } = cutover
  await flusher.flush()
  await refusals.flush()
  await checkpointLog.flush()
  await new UsagePruner({ store, usage: store.read.usage, nodes: store.read.nodes, system }).turn()
  await store.read.sessions.forgetEnded(system.nowMs())
  await store.read.keptAnswers.deleteExpired(system.nowMs())
  await purgeDeletedSecrets({ store, system, secrets: store.read.identitySecrets })
  await forgetSignatures({ store, system })
  await store.read.epoch.forgetChangesBefore(node.applied)
}
