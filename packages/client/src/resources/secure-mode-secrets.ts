import type { CreatedSecureModeSecret, CreateSecureModeSecret, SecureModeSecretList } from '@cutover/contract'
import { type Api, type KeyedOptions, type Revoked, segment } from '../api.ts'
import { ApiError } from '../errors.ts'
import type { CallOptions } from '../transport.ts'

export interface SecureModeSecretsOptions {
  /** Whether the server knows `Idempotency-Key`; Intercom's documentation does not speak of it. */
  readonly keyed: boolean
}

/**
 * Identity verification secrets as Intercom's Preview API has them (`/secure_mode_secrets`): the same calls work against
 * Intercom and against Cutover.
 */
export class SecureModeSecrets {
  readonly #api: Api
  readonly #isKeyed: boolean

  constructor(api: Api, { keyed }: SecureModeSecretsOptions) {
    this.#api = api
    this.#isKeyed = keyed
  }

  /** All that are not deleted, oldest first. */
  list(options?: CallOptions) {
    return this.#api.json<SecureModeSecretList>(
      { operation: 'listSecureModeSecrets', method: 'GET', path: '/secure_mode_secrets', repeatable: 'safe' },
      options,
    )
  }

  /** At least one of the flags must be true. The answer is the only one that ever holds the secret. */
  create(secret: CreateSecureModeSecret, options: KeyedOptions = {}) {
    const call = {
      operation: 'createSecureModeSecret',
      method: 'POST',
      path: '/secure_mode_secrets',
      body: secret,
    } as const
    if (this.#isKeyed) return this.#api.keyed<CreatedSecureModeSecret>(call, options)
    return this.#api.json<CreatedSecureModeSecret>({ ...call, repeatable: 'refused_only' }, options)
  }

  /** A repeat of a delete whose answer was lost finds nothing any more (404): that is what was asked for. */
  async delete(id: string, options?: CallOptions): Promise<Revoked> {
    const path = `/secure_mode_secrets/${segment(id)}`
    try {
      return await this.#api.revoke({ operation: 'deleteSecureModeSecret', path }, options)
    } catch (error) {
      if (error instanceof ApiError && error.status === 404 && error.attempts > 1) return { revocationEpoch: null }
      throw error
    }
  }
}
