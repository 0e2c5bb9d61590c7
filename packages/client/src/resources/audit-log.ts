import type { AuditCheckpoint, AuditEntry, AuditEntryList, AuditKey } from '@cutover/contract'
import type { Api } from '../api.ts'
import { NetworkError } from '../errors.ts'
import { itemsOf } from '../pages.ts'
import type { CallOptions, OperationId } from '../transport.ts'

export interface AuditLogQuery {
  /** Id of who did it. */
  readonly actor?: string | undefined
  readonly action?: string | undefined
  /** Id of what it was done to. */
  readonly resource?: string | undefined
  readonly result?: 'success' | 'failure' | undefined
  /** ISO 8601, at this time or later. */
  readonly from?: string | undefined
  /** ISO 8601, before this time. */
  readonly to?: string | undefined
  /** For instance tokens: what belongs to no workspace. */
  readonly chain?: 'instance' | undefined
  /** 1 to 200 a page; 50 unless given. */
  readonly limit?: number | undefined
}

type Chain = Pick<AuditLogQuery, 'chain'>

/** The audit log. Scope `read_audit_log`. */
export class AuditLog {
  readonly #api: Api

  constructor(api: Api) {
    this.#api = api
  }

  /** One page, newest first. */
  list(query: AuditLogQuery & { readonly cursor?: string | undefined } = {}, options?: CallOptions) {
    return this.#get<AuditEntryList>('listAuditLog', '', { ...query }, options)
  }

  all(query: AuditLogQuery = {}, options?: CallOptions): AsyncGenerator<AuditEntry> {
    return itemsOf((cursor) => this.list({ limit: 200, ...query, cursor }, options))
  }

  /**
   * The whole chain, oldest first, as bytes of NDJSON: `verifyAuditLog` of `@cutover/signing` takes its lines. The time
   * limit is for the beginning of the answer; rejects with NetworkError where the stream breaks off.
   */
  async *export(query: Chain = {}, options?: CallOptions): AsyncGenerator<Uint8Array> {
    const { response } = await this.#api.send(
      {
        operation: 'exportAuditLog',
        method: 'GET',
        path: '/v1/audit-log/export',
        query: { ...query },
        repeatable: 'safe',
      },
      options,
    )
    try {
      for await (const chunk of response.body ?? []) yield chunk
    } catch (cause) {
      if (options?.signal?.aborted) throw options.signal.reason
      throw new NetworkError('The export broke off: it is not the whole chain', { cause })
    }
  }

  /** How long the chain is and what its last hash is, signed. Keep it elsewhere. */
  checkpoint(query: Chain = {}, options?: CallOptions) {
    return this.#get<AuditCheckpoint>('checkpointAuditLog', '/checkpoint', { ...query }, options)
  }

  /** The Ed25519 public key that checkpoints verify with, as a JWK (RFC 8037). */
  key(options?: CallOptions) {
    return this.#get<AuditKey>('auditLogKey', '/key', {}, options)
  }

  #get<Body>(
    operation: OperationId,
    path: string,
    query: Record<string, string | number | undefined>,
    options?: CallOptions,
  ) {
    return this.#api.json<Body>(
      { operation, method: 'GET', path: `/v1/audit-log${path}`, query, repeatable: 'safe' },
      options,
    )
  }
}
