import type { Health, NodeList } from '@cutover/contract'
import { Api } from './api.ts'
import type { CallOptions, OperationId } from './call.ts'
import { AccessTokens } from './resources/access-tokens.ts'
import { AuditLog } from './resources/audit-log.ts'
import { IdentitySecrets } from './resources/identity-secrets.ts'
import { Integrators } from './resources/integrators.ts'
import { SecureModeSecrets } from './resources/secure-mode-secrets.ts'
import { Sessions } from './resources/sessions.ts'
import { Verifications } from './resources/verifications.ts'
import { WorkspaceSettings, Workspaces } from './resources/workspaces.ts'
import { Transport, type TransportOptions } from './transport.ts'

export interface CutoverClientOptions extends TransportOptions {
  /** Access token, `cut_…`. Absent: the browser's own session. */
  readonly token?: string | undefined
  /** `ws_…`: for instance tokens, where there are several workspaces. */
  readonly workspace?: string | undefined
}

/** Whether a node may be sent traffic, and whether its store answers. */
export interface Readiness {
  readonly status: 'ok' | 'unavailable'
  readonly store: 'ok' | 'unavailable'
}

/**
 * Cutover's API, every route a method; what integrators sign is in `@cutover/client/integrator`. Calls are sent again
 * where that is safe: reads, changes to a state, and whatever makes something, which carries an Idempotency-Key.
 *
 * Every method rejects with ApiError (the server refused), NetworkError or TimeoutError (nobody knows), with the reason
 * of `signal`, or with TypeError for what cannot be sent, such as an empty id. No error holds the token.
 */
export class CutoverClient {
  readonly identitySecrets: IdentitySecrets
  readonly secureModeSecrets: SecureModeSecrets
  readonly verifications: Verifications
  readonly integrators: Integrators
  readonly accessTokens: AccessTokens
  readonly auditLog: AuditLog
  readonly sessions: Sessions
  readonly workspaces: Workspaces
  readonly settings: WorkspaceSettings
  readonly #api: Api

  /**
   * @throws TypeError for a `baseUrl` that is no http or https URL, or that holds a user, a query or a fragment; a
   *   `timeoutMs` or `retries` that is out of range.
   */
  constructor({ token, workspace, ...transport }: CutoverClientOptions) {
    this.#api = new Api(new Transport(transport), {
      Authorization: token === undefined ? undefined : `Bearer ${token}`,
      'Cutover-Workspace': workspace,
    })
    this.identitySecrets = new IdentitySecrets(this.#api)
    this.secureModeSecrets = new SecureModeSecrets(this.#api, { keyed: true })
    this.verifications = new Verifications(this.#api)
    this.integrators = new Integrators(this.#api)
    this.accessTokens = new AccessTokens(this.#api)
    this.auditLog = new AuditLog(this.#api)
    this.sessions = new Sessions(this.#api)
    this.workspaces = new Workspaces(this.#api)
    this.settings = new WorkspaceSettings(this.#api)
  }

  /** What the token is and may do. */
  health(options?: CallOptions) {
    return this.#get<Health>('health', '/health', options)
  }

  /** The nodes of the installation. Scope `manage_workspaces`. */
  nodes(options?: CallOptions) {
    return this.#get<NodeList>('listNodes', '/v1/nodes', options)
  }

  /** Whether the process lives; needs no token. */
  live(options?: CallOptions) {
    return this.#get<{ readonly status: 'ok' }>('liveness', '/livez', options)
  }

  /** Needs no token. Not ready: ApiError `service_unavailable` with status 503, at once: a probe is not repeated. */
  ready(options?: CallOptions) {
    const call = { operation: 'readiness', method: 'GET', path: '/readyz', repeatable: 'refused_only' } as const
    return this.#api.json<Readiness>(call, options)
  }

  /** Prometheus text. The access token is not sent; `metricsToken` is, where CUTOVER_METRICS_TOKEN is set. */
  metrics(metricsToken?: string, options?: CallOptions): Promise<string> {
    const headers = { Authorization: metricsToken === undefined ? undefined : `Bearer ${metricsToken}` }
    const call = { operation: 'metrics', method: 'GET', path: '/metrics', headers, repeatable: 'safe' } as const
    return this.#api.text(call, options)
  }

  #get<Body>(operation: OperationId, path: string, options?: CallOptions): Promise<Body> {
    return this.#api.json<Body>({ operation, method: 'GET', path, repeatable: 'safe' }, options)
  }
}
