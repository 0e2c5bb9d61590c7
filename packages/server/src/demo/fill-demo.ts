import type { CreatedAccessToken, CreatedIdentitySecret, CreatedIntegrator } from '@cutover/contract'
import type { DemoCalls } from './demo-calls.ts'

const allPlatforms = { web: true, ios: true, android: true }

export interface Inventory {
  readonly overdue: CreatedIdentitySecret
  readonly disabled: CreatedIdentitySecret
}

/** Everything of a demo that stands still: settings, secrets beside the rotation, integrators, tokens, refused calls. */
export async function fillDemo(calls: DemoCalls): Promise<Inventory> {
  const enforcement = { web: 'enforce', ios: 'enforce', android: 'monitor' }
  await calls.ask('PUT', '/v1/settings', { payload: { enforcement, rotationPolicy: { maxAgeDays: 90 } } })
  const overdue = await makeSecret(calls, 'Legacy web widget', { web: true })
  const disabled = await makeSecret(calls, 'Kiosk pilot', { android: true })
  await calls.ask('POST', `/v1/identity-secrets/${disabled.id}/disable`, { payload: {} })
  await makeTokens(calls)
  await makeIntegrator(calls, 'Northwind payouts', 3600)
  await makeIntegrator(calls, 'Acme reconciliation', null)
  await beRefused(calls)
  return { overdue, disabled }
}

export function makeSecret(calls: DemoCalls, name: string, platforms: object = allPlatforms) {
  return calls.ask<CreatedIdentitySecret>('POST', '/v1/identity-secrets', { payload: { name, platforms } })
}

async function makeTokens(calls: DemoCalls): Promise<void> {
  const make = (payload: object) => calls.ask<CreatedAccessToken>('POST', '/v1/access-tokens', { payload })
  await make({ name: 'checkout, production', preset: 'production-verifier', environment: 'production' })
  await make({ name: 'mobile gateway, staging', preset: 'staging', environment: 'staging' })
  await make({ name: 'contractor', preset: 'development', environment: 'development', expiresInSeconds: 7 * 86_400 })
  const rotator = await make({ name: 'rotation job', preset: 'rotator', environment: 'production' })
  await calls.ask('POST', `/v1/access-tokens/${rotator.id}/rotate`, { payload: { oldTokenValidForSeconds: 86_400 } })
}

/** @param graceSeconds - `null`: its first secret is its only one */
async function makeIntegrator(calls: DemoCalls, name: string, graceSeconds: number | null): Promise<void> {
  const integrator = await calls.ask<CreatedIntegrator>('POST', '/v1/integrators', { payload: { name } })
  if (graceSeconds === null) return
  await calls.ask('POST', '/v1/integrator/regenerate-secret', {
    headers: { 'x-integrator-key': integrator.key },
    payload: { oldSecretValidForSeconds: graceSeconds },
  })
}

/** What somebody without the right token tries. */
async function beRefused(calls: DemoCalls): Promise<void> {
  const payload = { name: 'reporting', preset: 'development' }
  const { token, id } = await calls.ask<CreatedAccessToken>('POST', '/v1/access-tokens', { payload })
  await calls.send('POST', '/secure_mode_secrets', { token, payload: { name: 'Mine', supports_web: true } })
  await calls.send('DELETE', '/v1/identity-secrets/1', { token })
  await calls.ask('DELETE', `/v1/access-tokens/${id}`)
  for (let turn = 1; turn <= 4; turn += 1) await calls.send('GET', '/v1/identity-secrets', { token })
  await calls.send('GET', '/v1/access-tokens', { token: null })
}
