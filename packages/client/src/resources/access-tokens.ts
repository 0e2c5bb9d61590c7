import type {
  AccessToken,
  AccessTokenList,
  CreateAccessToken,
  CreatedAccessToken,
  RotateAccessToken,
} from '@cutover/contract'
import { type Api, type KeyedOptions, type Revoked, segment } from '../api.ts'
import { itemsOf } from '../pages.ts'
import type { CallOptions } from '../transport.ts'

export interface AccessTokenQuery {
  /** Those of no workspace, in place of those of the workspace. */
  readonly instance?: boolean | undefined
  readonly overdue?: boolean | undefined
  /** 1 to 200 a page; 50 unless given. */
  readonly limit?: number | undefined
}

/** Access tokens of a workspace, and instance tokens. */
export class AccessTokens {
  readonly #api: Api

  constructor(api: Api) {
    this.#api = api
  }

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

  all(query: AccessTokenQuery = {}, options?: CallOptions): AsyncGenerator<AccessToken> {
    return itemsOf((cursor) => this.list({ limit: 200, ...query, cursor }, options))
  }

  /** The answer is the only one that holds the token. */
  create(token: CreateAccessToken, options?: KeyedOptions) {
    return this.#api.keyed<CreatedAccessToken>(
      { operation: 'createAccessToken', method: 'POST', path: '/v1/access-tokens', body: token },
      options,
    )
  }

  /** The old one stays good for `oldTokenValidForSeconds` (0 to 86,400). */
  rotate(id: string, fields: RotateAccessToken, options?: KeyedOptions) {
    const path = `/v1/access-tokens/${segment(id)}/rotate`
    return this.#api.keyed<CreatedAccessToken>(
      { operation: 'rotateAccessToken', method: 'POST', path, body: fields },
      options,
    )
  }

  /** Once this resolves, no node accepts a request sent afterwards with it. `cascade`: what it made goes as well. */
  revoke(
    id: string,
    { cascade, ...options }: CallOptions & { readonly cascade?: boolean | undefined } = {},
  ): Promise<Revoked> {
    const path = `/v1/access-tokens/${segment(id)}`
    return this.#api.revoke({ operation: 'revokeAccessToken', path, query: { cascade } }, options)
  }
}
