import { limits } from '@cutover/contract'
import { type Changed, type ChangePorts, type ChangeTransaction, commitChange } from '../cluster/commit-change.ts'
import { DomainError } from '../domain-error.ts'
import type { SealingKeys } from '../signing-secrets/ports.ts'
import { type IdempotentRequest, requestScope } from './idempotent-request.ts'
import type { OneAtATime } from './one-at-a-time.ts'
import type { AnswerSealer, KeptAnswerStore } from './ports.ts'

export interface AnswerTransaction extends ChangeTransaction {
  readonly keptAnswers: KeptAnswerStore
  readonly masterKeys: SealingKeys
}

export interface AnswerPorts<Tx extends AnswerTransaction> extends ChangePorts<Tx> {
  readonly sealer: AnswerSealer
  readonly oneAtATime: OneAtATime
}

/** The wire form of an answer, and what it shows: the kept answer dies with it. */
export interface Answer {
  readonly body: string
  readonly subject: string
}

/** What the caller is sent, and the change that it tells of. */
export interface Answered {
  readonly body: string
  readonly epoch: number
}

/** Thrown to leave a transaction in which there turned out to be nothing to do. */
class AnsweredBefore extends Error {
  readonly sealedAnswer: string
  readonly epoch: number

  constructor(sealedAnswer: string, epoch: number) {
    super('answered before')
    this.sealedAnswer = sealedAnswer
    this.epoch = epoch
  }
}

/**
 * Commits one change and returns its answer. A request that carries an Idempotency-Key gets, when it comes again, the
 * answer of the first time byte for byte, kept sealed in the same transaction as the change; a repeat waits for the
 * first one's barrier as well.
 */
export async function answerOnce<Tx extends AnswerTransaction>(
  ports: AnswerPorts<Tx>,
  caller: { readonly tokenId: string | null; readonly idempotent: IdempotentRequest | null },
  work: (tx: Tx, epoch: number) => Promise<Changed<Answer>>,
): Promise<Answered> {
  const { tokenId, idempotent } = caller
  if (idempotent === null) {
    const { result, epoch } = await commitChange(ports, tokenId, work)
    return { body: result.body, epoch }
  }
  return ports.oneAtATime.run(requestScope(idempotent), async () => {
    try {
      return await commitAndKeep(ports, tokenId, idempotent, work)
    } catch (error) {
      if (!(error instanceof AnsweredBefore)) throw error
      await ports.barrier.passed(error.epoch)
      return { body: await ports.sealer.openAnswer(error.sealedAnswer, idempotent), epoch: error.epoch }
    }
  })
}

async function commitAndKeep<Tx extends AnswerTransaction>(
  ports: AnswerPorts<Tx>,
  tokenId: string | null,
  request: IdempotentRequest,
  work: (tx: Tx, epoch: number) => Promise<Changed<Answer>>,
): Promise<Answered> {
  const { result, epoch } = await commitChange(ports, tokenId, async (tx, epoch) => {
    await leaveIfAnswered(tx, request, ports.system.nowMs())
    const changed = await work(tx, epoch)
    const { body, subject } = changed.result
    const sealedAnswer = await ports.sealer.sealAnswer(body, request, tx.masterKeys)
    const createdAtMs = ports.system.nowMs()
    const lifetime = { createdAtMs, expiresAtMs: createdAtMs + limits.idempotencyRetentionMs }
    await tx.keptAnswers.keep(request, { sealedAnswer, subject, epoch }, lifetime)
    return changed
  })
  return { body: result.body, epoch }
}

async function leaveIfAnswered(tx: AnswerTransaction, request: IdempotentRequest, nowMs: number): Promise<void> {
  const kept = await tx.keptAnswers.find(request, nowMs)
  if (!kept) return
  if (kept.bodyHash !== request.bodyHash) throw new DomainError('idempotency_key_reused')
  if (kept.sealedAnswer === null) throw new DomainError('idempotency_answer_destroyed')
  throw new AnsweredBefore(kept.sealedAnswer, kept.epoch)
}
