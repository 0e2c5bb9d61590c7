import type { AuditCheckpoint, AuditEntry, AuditEntryList, AuditKey } from '@cutover/contract'
import type { Api } from '../api.ts'
import type { CallOptions, OperationId } from '../call.ts'
import { NetworkError } from '../errors.ts'
import { itemsOf } from '../pages.ts'

export interface AuditLogQuery {
  /** Id of who did it. */
  readonly actor?: string | undefined
  /** `identity_secret.created`, for instance. */
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

const newline = 10

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

  /** All that fit, newest first, page after page. */
  all(query: AuditLogQuery = {}, options?: CallOptions): AsyncGenerator<AuditEntry> {
    return itemsOf((cursor) => this.list({ limit: 200, ...query, cursor }, options))
  }

  /**
   * The whole chain, oldest first, as bytes of NDJSON in UTF-8, one entry on each line: `verifyAuditLog` of
   * `@cutover/signing` takes its lines. Pieces end anywhere, also within a letter. Nothing is sent before it is iterated,
   * and to leave the loop closes the connection.
   *
   * The time limit is for the head of the answer, and then for each next piece. Rejects with NetworkError or TimeoutError
   * where the stream breaks off: what came until then is not the whole chain.
   */
  async *export(query: Chain = {}, options?: CallOptions): AsyncGenerator<Uint8Array, void, undefined> {
    const path = '/v1/audit-log/export'
    const call = { operation: 'exportAuditLog', method: 'GET', path, query: { ...query }, repeatable: 'safe' } as const
    let last: number | undefined
    for await (const piece of this.#api.stream(call, 'application/x-ndjson', options)) {
      last = piece.at(-1) ?? last
      yield piece
    }
    // A proxy may end a stream that was cut as if it were whole.
    if (last !== undefined && last !== newline) throw new NetworkError('The export broke off: its last line is cut')
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
