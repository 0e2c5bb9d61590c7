import type { Readiness24h, Settings, Workspace, WorkspaceList } from '@cutover/contract'
import { type Api, type Revoked, segment } from '../api.ts'
import type { CallOptions } from '../call.ts'
import { itemsOf } from '../pages.ts'

/** Workspaces of an installation. Instance tokens only, scope `manage_workspaces`. */
export class Workspaces {
  readonly #api: Api

  constructor(api: Api) {
    this.#api = api
  }

  /** One page, oldest first. */
  list(
    query: { readonly cursor?: string | undefined; readonly limit?: number | undefined } = {},
    options?: CallOptions,
  ) {
    return this.#api.json<WorkspaceList>(
      { operation: 'listWorkspaces', method: 'GET', path: '/v1/workspaces', query: { ...query }, repeatable: 'safe' },
      options,
    )
  }

  /** All of them, page after page. */
  all(options?: CallOptions): AsyncGenerator<Workspace> {
    return itemsOf((cursor) => this.list({ limit: 200, cursor }, options))
  }

  /** `name` of 1 to 255 characters. Not sent again where its answer is lost: it would make another one. */
  create(name: string, options?: CallOptions) {
    return this.#api.json<Workspace>(
      {
        operation: 'createWorkspace',
        method: 'POST',
        path: '/v1/workspaces',
        body: { name },
        repeatable: 'refused_only',
      },
      options,
    )
  }

  /** `name` of 1 to 255 characters. */
  rename(id: string, name: string, options?: CallOptions) {
    const path = `/v1/workspaces/${segment(id)}`
    return this.#api.json<Workspace>(
      { operation: 'renameWorkspace', method: 'PATCH', path, body: { name }, repeatable: 'safe' },
      options,
    )
  }

  /** Only one without live secrets and integrators: otherwise ApiError `invalid_state`. Its tokens are revoked. */
  delete(id: string, options?: CallOptions): Promise<Revoked> {
    return this.#api.revoke({ operation: 'deleteWorkspace', path: `/v1/workspaces/${segment(id)}` }, options)
  }
}

/** What a workspace enforces, and how old its secrets may be. Scopes `read_settings` and `write_settings`. */
export class WorkspaceSettings {
  readonly #api: Api

  constructor(api: Api) {
    this.#api = api
  }

  /** The settings as they are now. */
  read(options?: CallOptions) {
    return this.#api.json<Settings>(
      { operation: 'readSettings', method: 'GET', path: '/v1/settings', repeatable: 'safe' },
      options,
    )
  }

  /** All of them at once; once this resolves, every node judges by them. */
  replace(settings: Settings, options?: CallOptions) {
    return this.#api.json<Settings>(
      { operation: 'changeSettings', method: 'PUT', path: '/v1/settings', body: settings, repeatable: 'safe' },
      options,
    )
  }

  /** Of each platform, what share of the last 24 hours would be rejected if it were enforced. */
  readiness(options?: CallOptions) {
    return this.#api.json<Readiness24h>(
      { operation: 'readReadiness', method: 'GET', path: '/v1/settings/readiness', repeatable: 'safe' },
      options,
    )
  }
}
