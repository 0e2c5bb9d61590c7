import type { CreatedIdentitySecret, CreatedIntegrator } from '@cutover/contract'
import type { ServedPage } from '../served-page.ts'

export interface SampleWorkspace {
  readonly old: CreatedIdentitySecret
  readonly successor: CreatedIdentitySecret
  /** Quiet for long enough. */
  readonly quiet: CreatedIdentitySecret
  readonly quietSuccessor: CreatedIdentitySecret
  readonly portal: CreatedIdentitySecret
  readonly integrator: CreatedIntegrator
  /** It may read secrets, and nothing else. */
  readonly readerToken: string
}

const everywhere = { web: true, ios: true, android: true }

/** What a company has after a year: rotations under way, one that is done, leftovers. */
export async function makeSampleWorkspace({ api }: ServedPage): Promise<SampleWorkspace> {
  const secrets = api.identitySecrets
  await api.settings.replace({
    enforcement: { web: 'enforce', ios: 'monitor', android: 'off' },
    rotationPolicy: { maxAgeDays: 180 },
  })
  const old = await secrets.create({ name: 'Spring 2026', platforms: everywhere })
  const quiet = await secrets.create({ name: 'Help centre', platforms: { web: true } })
  const portal = await secrets.create({ name: 'Partner portal', platforms: { web: true } })
  const loadTest = await secrets.create({ name: 'Load test', platforms: { android: true } })
  const expired = await secrets.create({ name: 'Winter 2025', platforms: everywhere })
  const deleted = await secrets.create({ name: 'Old backend', platforms: { web: true } })
  await secrets.create({ name: 'Kiosk', platforms: { ios: true } })
  const successor = await secrets.rotate(old.id, { name: 'Autumn 2026', graceSeconds: 172_800 })
  const quietSuccessor = await secrets.rotate(quiet.id, { name: 'Help centre, 2026', graceSeconds: 604_800 })
  await secrets.disable(loadTest.id, { revertAfterSeconds: 7200 })
  await secrets.retire(expired.id, { afterSeconds: 0 })
  await secrets.delete(deleted.id)
  const integrator = await api.integrators.create({ name: 'Acme payouts' })
  await api.integrators.create({ name: 'Globex invoices' })
  await api.integrators.recoverSecret(integrator.key, { oldSecretValidForSeconds: 3600 })
  const readerToken = await makeTokens(api)
  return { old, successor, quiet, quietSuccessor, portal, integrator, readerToken }
}

async function makeTokens(api: ServedPage['api']): Promise<string> {
  const { accessTokens } = api
  await accessTokens.create({ name: 'billing-service', preset: 'production-verifier', environment: 'production' })
  await accessTokens.create({ name: 'rotation job', preset: 'rotator', environment: 'production' })
  await accessTokens.create({ name: 'CI', preset: 'staging', environment: 'staging', expiresInSeconds: 7_776_000 })
  const reader = await accessTokens.create({ name: 'weekly report', scopes: ['read_secure_mode_secret'] })
  return reader.token
}
