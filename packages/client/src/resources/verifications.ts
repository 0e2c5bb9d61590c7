import type {
  BatchResponse,
  Diagnosis,
  DiagnosisRequest,
  OutcomeCounts,
  RequestVerificationRequest,
  RequestVerificationResult,
  VerificationItem,
  VerificationRequest,
  VerificationResult,
} from '@cutover/contract'
import type { Api } from '../api.ts'
import type { CallOptions, OperationId } from '../call.ts'
import type { UsageQuery } from './identity-secrets.ts'

/** What a vendor's backend asks. Scope `verify`, besides `diagnose`. */
export class Verifications {
  readonly #api: Api

  constructor(api: Api) {
    this.#api = api
  }

  /**
   * A user hash (HMAC-SHA256, 64 hex digits) or a JWT (HS256). Resolves also where nothing verified: look at `verified`,
   * or at `decision`, and use only the `userId` of the answer.
   */
  verify(question: VerificationRequest, options?: CallOptions) {
    return this.#post<VerificationResult>('verify', '/v1/verifications', question, options)
  }

  /** 1 to 1000 questions; one result for each, in their order. A bad one is `item_invalid` and fails no other. */
  verifyBatch(items: readonly VerificationItem[], options?: CallOptions) {
    return this.#post<BatchResponse>('verifyBatch', '/v1/verifications/batch', { items }, options)
  }

  /** Why a hash or a JWT does not verify, and what to change. Scope `diagnose`. */
  diagnose(question: DiagnosisRequest, options?: CallOptions) {
    return this.#post<Diagnosis>('diagnose', '/v1/verifications/diagnose', question, options)
  }

  /**
   * A request that an integrator signed, for a gateway that received it; header values as they came. With `consume` each
   * signature once, on any node: not sent again where its answer is lost. Sign and send anew then.
   */
  verifyRequest(question: RequestVerificationRequest, options?: CallOptions) {
    return this.#api.json<RequestVerificationResult>(
      {
        operation: 'verifyRequest',
        method: 'POST',
        path: '/v1/request-verifications',
        body: question,
        // Consumed by an attempt whose answer was lost, it would be refused as replayed.
        repeatable: question.consume ? 'refused_only' : 'safe',
      },
      options,
    )
  }

  /** How verifications came out, by hour; the last 24 hours unless given. Scope `read_secure_mode_secret`. */
  outcomes(query: Pick<UsageQuery, 'from' | 'to'> = {}, options?: CallOptions) {
    return this.#api.json<OutcomeCounts>(
      {
        operation: 'readOutcomes',
        method: 'GET',
        path: '/v1/verifications/outcomes',
        query: { ...query },
        repeatable: 'safe',
      },
      options,
    )
  }

  #post<Body>(operation: OperationId, path: string, body: unknown, options?: CallOptions) {
    return this.#api.json<Body>({ operation, method: 'POST', path, body, repeatable: 'safe' }, options)
  }
}
