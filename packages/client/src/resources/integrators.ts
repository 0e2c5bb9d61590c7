import type {
  CreatedIntegrator,
  CreateIntegrator,
  Integrator,
  IntegratorCutover,
  IntegratorList,
  IntegratorUsage,
  RegeneratedSecret,
  RegenerateSecret,
} from '@cutover/contract'
import { type Api, type KeyedOptions, type Revoked, segment } from '../api.ts'
import type { CallOptions } from '../call.ts'
import { itemsOf } from '../pages.ts'
import type { CutoverQuery, GuardedDelete, UsageQuery } from './identity-secrets.ts'

export interface IntegratorQuery {
  /** Only those whose current secret is older than the workspace's policy allows. */
  readonly overdue?: boolean | undefined
  /** 1 to 200 a page; 50 unless given. */
  readonly limit?: number | undefined
}

const path = (id: string, part = '') => `/v1/integrators/${segment(id)}${part && `/${part}`}`

/**
 * Integrators, as an operator manages them. What they call themselves is in `@cutover/client/integrator`. Reads need the
 * scope `read_integrators`, changes `write_integrators`.
 */
export class Integrators {
  readonly #api: Api

  constructor(api: Api) {
    this.#api = api
  }

  /** One page, oldest first. */
  list(query: IntegratorQuery & { readonly cursor?: string | undefined } = {}, options?: CallOptions) {
    return this.#api.json<IntegratorList>(
      { operation: 'listIntegrators', method: 'GET', path: '/v1/integrators', query: { ...query }, repeatable: 'safe' },
      options,
    )
  }

  /** All of them, page after page. */
  all(query: IntegratorQuery = {}, options?: CallOptions): AsyncGenerator<Integrator> {
    return itemsOf((cursor) => this.list({ limit: 200, ...query, cursor }, options))
  }

  /** With its secrets: their fingerprints, states and ends. */
  read(id: string, options?: CallOptions) {
    return this.#api.json<Integrator>(
      { operation: 'readIntegrator', method: 'GET', path: path(id), repeatable: 'safe' },
      options,
    )
  }

  /** The answer is the only one that holds its first secret, `ints_…`. */
  create(integrator: CreateIntegrator, options?: KeyedOptions) {
    return this.#api.keyed<CreatedIntegrator>(
      { operation: 'createIntegrator', method: 'POST', path: '/v1/integrators', body: integrator },
      options,
    )
  }

  /**
   * A new secret for one that lost its own, without its signature. Older ones are refused once this resolves, or after
   * `oldSecretValidForSeconds` (0 to 3600).
   *
   * @param integratorKey - `int_…`, not its id
   */
  recoverSecret(integratorKey: string, fields: RegenerateSecret = {}, options?: KeyedOptions) {
    return this.#api.keyed<RegeneratedSecret>(
      {
        operation: 'regenerateSecret',
        method: 'POST',
        path: '/v1/integrator/regenerate-secret',
        headers: { 'X-Integrator-Key': integratorKey },
        body: fields,
      },
      options,
    )
  }

  /** Once this resolves, no node accepts a request sent afterwards that is signed with any of its secrets. */
  delete(id: string, { ifQuietForSeconds, ...options }: GuardedDelete = {}): Promise<Revoked> {
    return this.#api.revoke({ operation: 'deleteIntegrator', path: path(id), query: { ifQuietForSeconds } }, options)
  }

  /** How often each of its secrets verified something, ended ones too; buckets without a use are left out. */
  usage(id: string, query: UsageQuery = {}, options?: CallOptions) {
    return this.#api.json<IntegratorUsage>(
      {
        operation: 'readIntegratorUsage',
        method: 'GET',
        path: path(id, 'usage'),
        query: { ...query },
        repeatable: 'safe',
      },
      options,
    )
  }

  /** Whether it has left its older secrets. */
  cutover(id: string, query: CutoverQuery = {}, options?: CallOptions) {
    return this.#api.json<IntegratorCutover>(
      {
        operation: 'readIntegratorCutover',
        method: 'GET',
        path: path(id, 'cutover'),
        query: { ...query },
        repeatable: 'safe',
      },
      options,
    )
  }
}
