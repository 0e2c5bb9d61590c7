import { limits } from '@cutover/contract'
import type { Transactions } from '../cluster/commit-change.ts'
import { DomainError } from '../domain-error.ts'
import type { System } from '../system.ts'
import type { IntegratorId } from './integrator.ts'
import type { ConsumedSignatureWriter } from './ports.ts'

export interface SignatureTransaction {
  readonly consumedSignatures: ConsumedSignatureWriter
}

export interface ConsumePorts {
  readonly store: Transactions<SignatureTransaction>
  readonly system: System
  /** How many signatures of one integrator are remembered at a time. */
  readonly maxSignatures: number
}

/** A signature that was just verified. */
export interface VerifiedSignature {
  readonly integratorId: IntegratorId
  readonly signature: string
  readonly timestampMs: number
}

/**
 * Accepts a signature once, on any node and across restarts: its row is unique in the store. In a transaction of its
 * own, which stands even when the call that it came with fails. Kept for longer than its timestamp is accepted; when an
 * integrator has too many, it has to wait, and none is forgotten.
 */
export async function consumeSignature(ports: ConsumePorts, verified: VerifiedSignature): Promise<void> {
  const { integratorId, signature, timestampMs } = verified
  const consumed = { integratorId, signature, expiresAtMs: timestampMs + limits.signatureKeptMs }
  const outcome = await ports.store.transaction(async ({ consumedSignatures }) => {
    const first = await consumedSignatures.consume(consumed, ports.maxSignatures)
    if (first !== 'full') return first
    await consumedSignatures.forgetExpired(integratorId, ports.system.nowMs())
    return consumedSignatures.consume(consumed, ports.maxSignatures)
  })
  if (outcome === 'replayed') throw new DomainError('signature_replayed')
  if (outcome === 'full') throw await tooMany(ports, integratorId)
}

async function tooMany(ports: ConsumePorts, integratorId: IntegratorId): Promise<DomainError> {
  const firstMs = await ports.store.transaction((tx) => tx.consumedSignatures.firstExpiryMs(integratorId))
  const retryAfterSeconds = Math.max(1, Math.ceil(((firstMs ?? 0) - ports.system.nowMs()) / 1000))
  return new DomainError('too_many_signatures', { limit: ports.maxSignatures, retryAfterSeconds })
}

/** Makes room, an integrator at a time: no transaction holds up a signature for long. */
export async function forgetSignatures({ store, system }: Pick<ConsumePorts, 'store' | 'system'>): Promise<void> {
  const nowMs = system.nowMs()
  const ids = await store.transaction((tx) => tx.consumedSignatures.withExpired(nowMs))
  for (const id of ids) await store.transaction((tx) => tx.consumedSignatures.forgetExpired(id, nowMs))
}
