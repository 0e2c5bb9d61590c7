import type { IdempotentRequest, KeptAnswer } from './idempotent-request.ts'

export interface KeptAnswerStore {
  find(request: IdempotentRequest, nowMs: number): Promise<KeptAnswer | null>
  keep(
    request: IdempotentRequest,
    answer: { readonly sealedAnswer: string; readonly secretId: string; readonly epoch: number },
    lifetime: { readonly createdAtMs: number; readonly expiresAtMs: number },
  ): Promise<void>
  /** The record stays, so that a repeat is told; the answer, with the secret in it, goes. */
  destroyAnswersWith(workspaceId: string, secretId: string): Promise<void>
}

export interface AnswerSealer {
  sealAnswer(answer: string, request: IdempotentRequest): Promise<string>
  openAnswer(sealed: string, request: IdempotentRequest): Promise<string>
}
