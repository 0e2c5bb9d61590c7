import { createHash, createHmac } from 'node:crypto'
import type { CreatedIntegrator, OwnIntegrator } from '@cutover/contract'
import { signRequest } from '@cutover/signing'
import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import type { InProcess } from './in-process.ts'

export const ownPath = '/v1/integrator'
export const regeneratePath = '/v1/integrator/regenerate-secret'

/** What an integrator signs with. */
export interface Signing {
  readonly key: string
  readonly secret: string
}

export type Call = InjectOptions & { readonly token?: string | null }

interface RequestToSign {
  readonly method?: 'GET' | 'HEAD' | 'POST'
  readonly url: string
  readonly body?: string
  /** Besides those of the signature. */
  readonly headers?: Readonly<Record<string, string>>
}

export async function createIntegrator(cutover: InProcess, call: Call = {}): Promise<CreatedIntegrator> {
  const payload = { name: 'Acme payouts' }
  const response = await cutover.call({ method: 'POST', url: '/v1/integrators', payload, ...call })
  if (response.statusCode !== 201) throw new Error(`no integrator: ${response.body}`)
  return response.json()
}

/** A request as an integrator sends it at the time of the test's clock; never the same signature twice. */
export function signed({ clock }: InProcess, by: Signing, request: RequestToSign): Call {
  const { method = 'GET', url, body, headers } = request
  const ofSignature = signRequest(by, { method, path: url, body }, { nowMs: clock.nowMs })
  const content = body === undefined ? {} : { payload: body }
  const ofContent = body === undefined ? {} : { 'content-type': 'application/json' }
  return { method, url, token: null, ...content, headers: { ...ofContent, ...ofSignature, ...headers } }
}

/** As a customer's backend makes it: nothing of Cutover's own. */
export function signature(secret: string, timestamp: string | number, method: string, path: string, body = ''): string {
  const bodyHash = createHash('sha256').update(body).digest('hex')
  return `sha256=${createHmac('sha256', secret).update(`${timestamp}.${method}.${path}.${bodyHash}`).digest('hex')}`
}

/** A regeneration by the integrator itself. */
export function regeneration(cutover: InProcess, by: Signing, graceSeconds = 0): Call {
  const body = JSON.stringify({ oldSecretValidForSeconds: graceSeconds })
  return signed(cutover, by, { method: 'POST', url: regeneratePath, body })
}

/** Regenerates, and signs with the new secret from then on. */
export async function regenerate(
  cutover: InProcess,
  by: Signing,
  graceSeconds = 0,
): Promise<Signing & { readonly oldSecretExpiresAt?: string }> {
  const response = await cutover.call(regeneration(cutover, by, graceSeconds))
  if (response.statusCode !== 200) throw new Error(`not regenerated: ${response.body}`)
  return { key: by.key, ...response.json() }
}

export function askOwn(cutover: InProcess, by: Signing): Promise<LightMyRequestResponse> {
  return cutover.call(signed(cutover, by, { url: ownPath }))
}

/** `accepted`, or the code of the refusal. */
export async function standing(cutover: InProcess, by: Signing): Promise<string> {
  const response = await askOwn(cutover, by)
  return response.statusCode === 200 ? 'accepted' : response.json().code
}

export async function secretsOf(cutover: InProcess, by: Signing): Promise<OwnIntegrator['secrets']> {
  const response = await askOwn(cutover, by)
  if (response.statusCode !== 200) throw new Error(`not accepted: ${response.body}`)
  return response.json<OwnIntegrator>().secrets
}

export function fingerprintOf(secret: string): string {
  return `sha256:${createHash('sha256').update(secret).digest('hex').slice(0, 16)}`
}

/** The secrets of an integrator in the store that have no end: there must always be exactly one. */
export async function currentSecrets({ cutover }: InProcess, integratorId: string): Promise<readonly string[]> {
  const rows = await cutover.opened.db
    .selectFrom('signing_secrets')
    .select('fingerprint')
    .where('integrator_id', '=', integratorId)
    .where('deleted_at', 'is', null)
    .where('expires_at', 'is', null)
    .execute()
  return rows.map(({ fingerprint }) => fingerprint)
}

/** Holds a problem against RFC 9457 and the catalogue: `type`, `code`, `status` and `instance` fit together. */
export function problemOf(response: LightMyRequestResponse): readonly [number, string] {
  const { type, status, code, instance, title, detail } = response.json()
  const path = String(instance).split('#')
  const isWhole =
    response.headers['content-type'] === 'application/problem+json; charset=utf-8' &&
    type === `urn:cutover:problem:${code}` &&
    status === response.statusCode &&
    path[1] === response.headers['x-request-id'] &&
    title !== '' &&
    detail !== ''
  if (!isWhole) throw new Error(`no problem: ${response.body}`)
  return [status, code]
}
