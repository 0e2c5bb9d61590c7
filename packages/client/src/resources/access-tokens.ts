import type {
  AccessToken,
  AccessTokenList,
  CreateAccessToken,
  CreatedAccessToken,
  RotateAccessToken,
} from '@cutover/contract'
import { type Api, type KeyedOptions, type Revoked, segment } from '../api.ts'
import type { CallOptions } from '../call.ts'
import { itemsOf } from '../pages.ts'

export interface AccessTokenQuery {
  /** Those of no workspace, in place of those of the workspace. */
  readonly instance?: boolean | undefined
  /** Only unexpired ones that are older than the workspace's policy allows. */
  readonly overdue?: boolean | undefined
  /** 1 to 200 a page; 50 unless given. */
  readonly limit?: number | undefined
}

/** Access tokens of a workspace, and instance tokens; for those, scope `manage_workspaces` as well. */
export class AccessTokens {
  readonly #api: Api

  constructor(api: Api) {
    this.#api = api
  }

  /** One page, oldest first, without the tokens themselves. Scope `read_access_tokens`. */
  list(query: AccessTokenQuery & { readonly cursor?: string | undefined } = {}, options?: CallOptions) {
    return this.#api.json<AccessTokenList>(
      {
        operation: 'listAccessTokens',
        method: 'GET',
        path: '/v1/access-tokens',
        query: { ...query },
        repeatable: 'safe',
      },
      options,
    )
  }

  /** All of them, page after page. */
  all(query: AccessTokenQuery = {}, options?: CallOptions): AsyncGenerator<AccessToken> {
    return itemsOf((cursor) => this.list({ limit: 200, ...query, cursor }, options))
  }

  /**
   * The answer is the only one that holds the token, `cut_…`. Nobody can grant a scope that they lack (ApiError
   * `token_unauthorized`), nor a life longer than their own. Scope `write_access_tokens`.
   */
  create(token: CreateAccessToken, options?: KeyedOptions) {
    return this.#api.keyed<CreatedAccessToken>(
      { operation: 'createAccessToken', method: 'POST', path: '/v1/access-tokens', body: token },
      options,
    )
  }

  /**
   * The old one stays good for `oldTokenValidForSeconds` (0 to 86,400); the answer alone holds the new one. Once only:
   * ApiError `rotation_conflict`. Scope `write_access_tokens`, and every scope of the token.
   */
  rotate(id: string, fields: RotateAccessToken, options?: KeyedOptions) {
    const path = `/v1/access-tokens/${segment(id)}/rotate`
    return this.#api.keyed<CreatedAccessToken>(
      { operation: 'rotateAccessToken', method: 'POST', path, body: fields },
      options,
    )
  }

  /**
   * Once this resolves, no node accepts a request sent afterwards with it, also where it was revoked before. `cascade`:
   * what it made goes as well. A token may revoke itself; where that answer is lost, the repeat is 401 `unauthorized`
   * with `mayBeDone`. Scope `write_access_tokens`.
   */
  revoke(
    id: string,
    { cascade, ...options }: CallOptions & { readonly cascade?: boolean | undefined } = {},
  ): Promise<Revoked> {
    const path = `/v1/access-tokens/${segment(id)}`
    return this.#api.revoke({ operation: 'revokeAccessToken', path, query: { cascade } }, options)
  }
}
