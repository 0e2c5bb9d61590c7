/** A request that its client may send again: the same key, from the same token, to the same place, means the same. */
export interface IdempotentRequest {
  readonly tokenId: string
  readonly workspaceId: string
  readonly method: string
  readonly path: string
  readonly key: string
  /** SHA-256 of the raw body, base64url: a repeat is the same bytes again. */
  readonly bodyHash: string
}

/** The answer kept for such a request; `sealedAnswer` is `null` once the secret in it is deleted. */
export interface KeptAnswer {
  readonly bodyHash: string
  readonly sealedAnswer: string | null
  /** The change that the answer tells of: a repeat waits until every node knows it, like the first. */
  readonly epoch: number
}

/** One string for each request in its scope; no part can hold the separator. */
export function requestScope(request: IdempotentRequest): string {
  return [request.tokenId, request.workspaceId, request.method, request.path, request.key].join('\n')
}
