import type { SealingKeys } from '../signing-secrets/ports.ts'
import type { IdempotentRequest, KeptAnswer } from './idempotent-request.ts'

export interface KeptAnswerStore {
  find(request: IdempotentRequest, nowMs: number): Promise<KeptAnswer | null>
  keep(
    request: IdempotentRequest,
    answer: { readonly sealedAnswer: string; readonly subject: string; readonly epoch: number },
    lifetime: { readonly createdAtMs: number; readonly expiresAtMs: number },
  ): Promise<void>
  /** The records stay, so that a repeat is told; the answers, with the secret in them, go. */
  destroyAnswersShowing(subject: string): Promise<void>
  destroyAnswersTo(tokenId: string): Promise<void>
  destroyAnswersIn(workspaceId: string): Promise<void>
}

export interface AnswerSealer {
  sealAnswer(answer: string, request: IdempotentRequest, keys: SealingKeys): Promise<string>
  openAnswer(sealed: string, request: IdempotentRequest): Promise<string>
}
