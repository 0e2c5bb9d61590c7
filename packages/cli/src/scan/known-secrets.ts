import { ApiError, type CutoverClient } from '@cutover/client'
import type { IdentitySecret, Integrator, ManagedIntegratorSecret } from '@cutover/contract'
import { failed } from '../failure.ts'

export interface KnownIntegratorSecret {
  readonly integrator: Integrator
  readonly secret: ManagedIntegratorSecret
}

/** The secrets of a workspace by their fingerprints. Their material is nowhere. */
export interface KnownSecrets {
  /** `null`: they were not asked for. */
  readonly identity: ReadonlyMap<string, IdentitySecret> | null
  /** Those that are accepted now; `null`: the token may not read them, or they were not asked for. */
  readonly integrator: ReadonlyMap<string, KnownIntegratorSecret> | null
}

export const nothingKnown: KnownSecrets = { identity: null, integrator: null }

/** Live and dead identity secrets, and the secrets that integrators sign with. */
export async function fetchKnownSecrets(client: CutoverClient): Promise<KnownSecrets> {
  return { identity: await fetchIdentitySecrets(client), integrator: await fetchIntegratorSecrets(client) }
}

async function fetchIdentitySecrets(client: CutoverClient): Promise<ReadonlyMap<string, IdentitySecret>> {
  const known = new Map<string, IdentitySecret>()
  try {
    for await (const secret of client.identitySecrets.all({ state: 'all' })) {
      // One that was imported again after it was dead has its fingerprint twice.
      if (!known.has(secret.fingerprint) || isLive(secret)) known.set(secret.fingerprint, secret)
    }
  } catch (error) {
    if (!isForbidden(error)) throw error
    throw failed('The access token may not list identity secrets, so they cannot be looked for', {
      code: 'token_unauthorized',
      hint: 'it needs the scope read_secure_mode_secret; --offline looks for the other two kinds alone',
    })
  }
  return known
}

async function fetchIntegratorSecrets(client: CutoverClient): Promise<KnownSecrets['integrator']> {
  const known = new Map<string, KnownIntegratorSecret>()
  try {
    for await (const integrator of client.integrators.all()) {
      for (const secret of integrator.secrets) known.set(secret.fingerprint, { integrator, secret })
    }
  } catch (error) {
    if (isForbidden(error)) return null
    throw error
  }
  return known
}

function isLive({ state }: IdentitySecret): boolean {
  return state !== 'expired' && state !== 'deleted'
}

function isForbidden(error: unknown): boolean {
  return error instanceof ApiError && error.status === 403
}
