import type { CreatedSession } from '@cutover/contract'
import type { Api, Revoked } from '../api.ts'
import type { CallOptions } from '../call.ts'

/** Signing in and out, for a page that the server itself serves: the session is a cookie that no script can read. */
export class Sessions {
  readonly #api: Api

  constructor(api: Api) {
    this.#api = api
  }

  /**
   * Exchanges an access token for a session of this browser: from then on a client without a token acts with it.
   * @throws ApiError `unauthorized` for a bad token, `origin_mismatch` for a page of another origin
   */
  create(token: string, options?: CallOptions) {
    return this.#api.json<CreatedSession>(
      {
        operation: 'createSession',
        method: 'POST',
        path: '/v1/sessions',
        body: { token },
        repeatable: 'refused_only',
      },
      options,
    )
  }

  /** Once this resolves, no node accepts a request sent afterwards with that cookie. */
  end(options?: CallOptions): Promise<Revoked> {
    return this.#api.revoke({ operation: 'endSession', path: '/v1/sessions' }, options)
  }
}
