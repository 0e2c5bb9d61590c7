import type { Platform } from '@cutover/contract'
import type { LightMyRequestResponse } from 'fastify'
import type { InProcess } from './in-process.ts'

export interface Made {
  readonly id: string
  readonly secret: string
}

/** One secret of each kind that can have signed. */
export interface DiagnosedWorkspace {
  readonly web: Made
  readonly ios: Made
  readonly disabled: Made
  readonly deleted: Made
  readonly expired: Made
  readonly ofIntegrator: Made
  readonly ofOtherWorkspace: Made
}

export async function createSecret(cutover: InProcess, platform: Platform, headers = {}): Promise<Made> {
  const payload = { name: 'A secret', [`supports_${platform}`]: true }
  const response = await cutover.call({ method: 'POST', url: '/secure_mode_secrets', payload, headers })
  return response.json<Made>()
}

export async function deleteSecret(cutover: InProcess, { id }: Made): Promise<void> {
  await cutover.call({ method: 'DELETE', url: `/secure_mode_secrets/${id}` })
}

export async function createIntegrator(cutover: InProcess, headers = {}): Promise<Made & { readonly key: string }> {
  const payload = { name: 'An integrator' }
  const response = await cutover.call({ method: 'POST', url: '/v1/integrators', payload, headers })
  return response.json<Made & { key: string }>()
}

/** Writes the state of a secret as no API has to. */
export async function setTimes(
  cutover: InProcess,
  { id }: Made,
  times: { readonly disabled_at?: number; readonly enable_at?: number; readonly expires_at?: number },
): Promise<void> {
  const { db } = cutover.cutover.opened
  await db.updateTable('signing_secrets').set(times).where('id', '=', Number(id)).execute()
  cutover.cutover.node.dropAll()
}

export async function prepareWorkspace(cutover: InProcess): Promise<DiagnosedWorkspace> {
  const other = await cutover.createWorkspace('Other')
  const mine = { 'cutover-workspace': cutover.workspaceId }
  const made = {
    web: await createSecret(cutover, 'web', mine),
    ios: await createSecret(cutover, 'ios', mine),
    disabled: await createSecret(cutover, 'web', mine),
    deleted: await createSecret(cutover, 'web', mine),
    expired: await createSecret(cutover, 'web', mine),
    ofIntegrator: await createIntegrator(cutover, mine),
    ofOtherWorkspace: await createSecret(cutover, 'web', { 'cutover-workspace': other }),
  }
  await setTimes(cutover, made.disabled, { disabled_at: cutover.clock.nowMs })
  await setTimes(cutover, made.expired, { expires_at: cutover.clock.nowMs })
  const url = `/secure_mode_secrets/${made.deleted.id}`
  await cutover.call({ method: 'DELETE', url, headers: mine })
  return made
}

export function diagnose(
  cutover: InProcess,
  question: object,
  { token, ...headers }: { token?: string; 'cutover-workspace'?: string } = {},
): Promise<LightMyRequestResponse> {
  return cutover.call({
    method: 'POST',
    url: '/v1/verifications/diagnose',
    payload: { platform: 'web', ...question },
    headers: { 'cutover-workspace': cutover.workspaceId, ...headers },
    ...(token === undefined ? {} : { token }),
  })
}
