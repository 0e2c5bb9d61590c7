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
import type { Call, CallOptions, OperationId } from '../call.ts'
import { eventData } from '../event-stream.ts'
import { itemsOf } from '../pages.ts'

export interface IdentitySecretQuery {
  /** `live` (active, disabled, retiring) unless given; `all`: the dead as well. */
  readonly state?: 'live' | 'all' | undefined
  /** Only those that are older than the workspace's policy allows. */
  readonly overdue?: boolean | undefined
  /** 1 to 200 a page; 50 unless given. */
  readonly limit?: number | undefined
}

export interface UsageQuery {
  /** ISO 8601, from this moment on; by the bucket an hour, a day or 30 days before `to` unless given. */
  readonly from?: string | undefined
  /** ISO 8601, before this moment; now unless given. */
  readonly to?: string | undefined
  /** `hour` unless given. Minutes are kept for 48 hours, hours for 90 days, days for 2 years. */
  readonly bucket?: UsageBucket | undefined
}

export interface CutoverQuery {
  /** How long it must have been quiet, 1 to 5,184,000 seconds; by its own habits unless given. */
  readonly quietSeconds?: number | undefined
}

export interface GuardedDelete extends CallOptions {
  /**
   * Delete only what verified nothing for so many seconds (0 to 5,184,000): otherwise ApiError `secret_in_use`, or
   * `usage_unknown` where a node cannot be heard.
   */
  readonly ifQuietForSeconds?: number | undefined
}

const path = (id: string, action = '') => `/v1/identity-secrets/${segment(id)}${action && `/${action}`}`

/**
 * Identity secrets (`/v1/identity-secrets`): what customers' backends sign the ids of their users with. Ids are decimal
 * digits. Reads need the scope `read_secure_mode_secret`, changes `write_secure_mode_secret`. What is not possible in the
 * state that a secret is in: ApiError `invalid_state`.
 */
export class IdentitySecrets {
  readonly #api: Api

  constructor(api: Api) {
    this.#api = api
  }

  /** One page, oldest first. */
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

  /** Deleted ones too. */
  read(id: string, options?: CallOptions) {
    return this.#api.json<IdentitySecret>(
      { operation: 'readIdentitySecret', method: 'GET', path: path(id), repeatable: 'safe' },
      options,
    )
  }

  /**
   * Makes a secret of 43 base64url characters (32 random bytes), or imports `secret` (16 to 128 ASCII characters). The
   * answer is the only one that ever holds it; once it has come, every node accepts it.
   */
  create(secret: CreateIdentitySecret, options?: KeyedOptions) {
    return this.#api.keyed<CreatedIdentitySecret>(
      { operation: 'createIdentitySecret', method: 'POST', path: '/v1/identity-secrets', body: secret },
      options,
    )
  }

  /** Another name (1 to 255 characters), other platforms, or both. */
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

  /** Accepted again, by every node once this resolves. */
  enable(id: string, options?: CallOptions) {
    return this.#change('enableIdentitySecret', { path: path(id, 'enable'), repeatable: 'safe' }, options)
  }

  /** Sets its end, `afterSeconds` (0 to 2,592,000) from now; with 0 no node accepts it any more once this resolves. */
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

  /**
   * Makes a successor with the same platforms, and sets the end of this one: `graceSeconds` (86,400 unless given) from
   * now, or from the first use of the successor. The answer alone holds the new secret. ApiError `rotation_conflict`
   * where it has a successor already.
   */
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

  /** Brings a deleted one back within 7 days, as disabled; after that its material is destroyed. */
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
   * again then. `workspace` stands in place of the client's own. The time limit is for the head of the answer, and then for
   * each next event: there is one every 15 seconds at least.
   */
  async *liveCutover(
    id: string,
    { workspace, ...options }: CallOptions & { readonly workspace?: string | undefined } = {},
  ): AsyncGenerator<LiveCutover> {
    const call = {
      operation: 'streamCutover',
      method: 'GET',
      path: path(id, 'cutover/stream'),
      query: { workspace },
      repeatable: 'safe',
    } as const
    const pieces = this.#api.stream(call, 'text/event-stream', options)
    for await (const data of eventData(pieces, 'cutover')) yield JSON.parse(data) as LiveCutover // sound, as in `json`
  }

  #change(operation: OperationId, call: Pick<Call, 'path' | 'body' | 'repeatable'>, options?: CallOptions) {
    return this.#api.json<IdentitySecret>({ operation, method: 'POST', ...call }, options)
  }
}
