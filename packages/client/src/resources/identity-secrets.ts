import type {
  CreatedIdentitySecret,
  CreateIdentitySecret,
  Cutover,
  DisableIdentitySecret,
  EditIdentitySecret,
  IdentitySecret,
  IdentitySecretList,
  LiveCutover,
  RotateIdentitySecret,
  Usage,
  UsageBucket,
} from '@cutover/contract'
import { type Api, type KeyedOptions, type Revoked, segment } from '../api.ts'
import { eventData } from '../event-stream.ts'
import { itemsOf } from '../pages.ts'
import type { Call, CallOptions, OperationId } from '../transport.ts'

export interface IdentitySecretQuery {
  /** `live` (active, disabled, retiring) unless given; `all`: the dead as well. */
  readonly state?: 'live' | 'all' | undefined
  /** Only those that are older than the workspace's policy allows. */
  readonly overdue?: boolean | undefined
  /** 1 to 200 a page; 50 unless given. */
  readonly limit?: number | undefined
}

export interface UsageQuery {
  /** ISO 8601, from this moment on. */
  readonly from?: string | undefined
  /** ISO 8601, before this moment; now unless given. */
  readonly to?: string | undefined
  readonly bucket?: UsageBucket | undefined
}

export interface CutoverQuery {
  /** How long it must have been quiet, 1 to 5,184,000 seconds; by its own habits unless given. */
  readonly quietSeconds?: number | undefined
}

export interface GuardedDelete extends CallOptions {
  /** Delete only what verified nothing for so many seconds; otherwise ApiError `secret_in_use` or `usage_unknown`. */
  readonly ifQuietForSeconds?: number | undefined
}

/** Longer than the server lets a stream go on. */
const streamTimeoutMs = 20 * 60_000

const path = (id: string, action = '') => `/v1/identity-secrets/${segment(id)}${action && `/${action}`}`

/** Identity secrets (`/v1/identity-secrets`): what customers' backends sign the ids of their users with. */
export class IdentitySecrets {
  readonly #api: Api

  constructor(api: Api) {
    this.#api = api
  }

  /** One page, oldest first. Scope `read_secure_mode_secret`. */
  list(query: IdentitySecretQuery & { readonly cursor?: string | undefined } = {}, options?: CallOptions) {
    return this.#api.json<IdentitySecretList>(
      {
        operation: 'listIdentitySecrets',
        method: 'GET',
        path: '/v1/identity-secrets',
        query: { ...query },
        repeatable: 'safe',
      },
      options,
    )
  }

  /** All of them, page after page. */
  all(query: IdentitySecretQuery = {}, options?: CallOptions): AsyncGenerator<IdentitySecret> {
    return itemsOf((cursor) => this.list({ limit: 200, ...query, cursor }, options))
  }

  /** Deleted ones too. Scope `read_secure_mode_secret`. */
  read(id: string, options?: CallOptions) {
    return this.#api.json<IdentitySecret>(
      { operation: 'readIdentitySecret', method: 'GET', path: path(id), repeatable: 'safe' },
      options,
    )
  }

  /** Makes a secret, or imports `secret`. The answer is the only one that ever holds it. */
  create(secret: CreateIdentitySecret, options?: KeyedOptions) {
    return this.#api.keyed<CreatedIdentitySecret>(
      { operation: 'createIdentitySecret', method: 'POST', path: '/v1/identity-secrets', body: secret },
      options,
    )
  }

  edit(id: string, fields: EditIdentitySecret, options?: CallOptions) {
    return this.#api.json<IdentitySecret>(
      { operation: 'editIdentitySecret', method: 'PATCH', path: path(id), body: fields, repeatable: 'safe' },
      options,
    )
  }

  /** Not accepted any more once this resolves; with `revertAfterSeconds` (60 to 86,400) it comes back by itself. */
  disable(id: string, fields: DisableIdentitySecret = {}, options?: CallOptions) {
    const repeatable = fields.revertAfterSeconds === undefined ? 'safe' : 'refused_only'
    return this.#change('disableIdentitySecret', { path: path(id, 'disable'), body: fields, repeatable }, options)
  }

  enable(id: string, options?: CallOptions) {
    return this.#change('enableIdentitySecret', { path: path(id, 'enable'), repeatable: 'safe' }, options)
  }

  /** Sets its end, `afterSeconds` (0 to 2,592,000) from now. */
  retire(id: string, { afterSeconds }: { readonly afterSeconds: number }, options?: CallOptions) {
    const repeatable = afterSeconds === 0 ? 'safe' : 'refused_only'
    return this.#change(
      'retireIdentitySecret',
      { path: path(id, 'retire'), body: { afterSeconds }, repeatable },
      options,
    )
  }

  /** Takes its end back; not after it has ended. */
  cancelRetirement(id: string, options?: CallOptions) {
    return this.#change('cancelRetirement', { path: path(id, 'cancel-retirement'), repeatable: 'safe' }, options)
  }

  /** Makes a successor with the same platforms, and sets the end of this one. The answer alone holds the new secret. */
  rotate(id: string, fields: RotateIdentitySecret = {}, options?: KeyedOptions) {
    return this.#api.keyed<CreatedIdentitySecret>(
      { operation: 'rotateIdentitySecret', method: 'POST', path: path(id, 'rotate'), body: fields },
      options,
    )
  }

  /** Once this resolves, no node accepts a request sent afterwards that is signed with it. */
  delete(id: string, { ifQuietForSeconds, ...options }: GuardedDelete = {}): Promise<Revoked> {
    return this.#api.revoke(
      { operation: 'deleteIdentitySecret', path: path(id), query: { ifQuietForSeconds } },
      options,
    )
  }

  /** Within 7 days, as disabled. */
  restore(id: string, options?: CallOptions) {
    return this.#change('restoreIdentitySecret', { path: path(id, 'restore'), repeatable: 'safe' }, options)
  }

  /** How often it verified something; buckets without a use are left out. */
  usage(id: string, query: UsageQuery = {}, options?: CallOptions) {
    return this.#api.json<Usage>(
      { operation: 'readUsage', method: 'GET', path: path(id, 'usage'), query: { ...query }, repeatable: 'safe' },
      options,
    )
  }

  /** May it go, or who still signs with it? */
  cutover(id: string, query: CutoverQuery = {}, options?: CallOptions) {
    return this.#api.json<Cutover>(
      { operation: 'readCutover', method: 'GET', path: path(id, 'cutover'), query: { ...query }, repeatable: 'safe' },
      options,
    )
  }

  /**
   * What there is to see of a rotation, again whenever something changed; ends after 15 minutes at the latest: call it
   * again then. `workspace` stands in place of the client's own.
   * @throws NetworkError when the stream breaks off, and what every method does
   */
  async *liveCutover(
    id: string,
    { workspace, ...options }: CallOptions & { readonly workspace?: string | undefined } = {},
  ): AsyncGenerator<LiveCutover> {
    const { response } = await this.#api.send(
      {
        operation: 'streamCutover',
        method: 'GET',
        path: path(id, 'cutover/stream'),
        query: { workspace },
        repeatable: 'safe',
      },
      { timeoutMs: streamTimeoutMs, ...options },
    )
    for await (const data of eventData(response, 'cutover')) yield JSON.parse(data) as LiveCutover // sound, as in `json`
  }

  #change(operation: OperationId, call: Pick<Call, 'path' | 'body' | 'repeatable'>, options?: CallOptions) {
    return this.#api.json<IdentitySecret>({ operation, method: 'POST', ...call }, options)
  }
}
