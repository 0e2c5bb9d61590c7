import type { CreatedSecureModeSecret, CreateSecureModeSecret, SecureModeSecretList } from '@cutover/contract'
import { type Api, type KeyedOptions, type Revoked, segment } from '../api.ts'
import type { CallOptions } from '../call.ts'

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

  /** Of Cutover: once this resolves, no node accepts a request sent afterwards that is signed with it. */
  delete(id: string, options?: CallOptions): Promise<Revoked> {
    return this.#api.revoke(
      { operation: 'deleteSecureModeSecret', path: `/secure_mode_secrets/${segment(id)}` },
      options,
    )
  }
}
