import type { RequestSignatureReason } from '@cutover/contract'
import { createKeyset, type RequestParts, type RequestVerification, verifyRequestParts } from '@cutover/signing'
import type { Lease } from '../cluster/ports.ts'
import { DomainError } from '../domain-error.ts'
import type { System } from '../system.ts'
import type { WorkspaceId } from '../workspaces/workspace.ts'
import { type IntegratorKey, type IntegratorSecret, parseIntegratorKey } from './integrator.ts'
import type { HeldIntegrator, IntegratorKeysets } from './integrator-keysets.ts'

export interface RequestQuestion extends RequestParts {
  readonly integratorKey: string | undefined
  /** Where set, integrators of other workspaces are as if they were not there. */
  readonly workspaceId?: WorkspaceId
}

export type RequestVerdict =
  | {
      readonly verified: true
      readonly by: HeldIntegrator
      readonly secret: IntegratorSecret
      /** What a one-time signature is remembered by, and until when it could be sent again. */
      readonly signature: string
      readonly timestampMs: number
    }
  | {
      readonly verified: false
      readonly reason: Exclude<RequestSignatureReason, 'signature_replayed'>
      /** With `timestamp_out_of_range`: how far off, and from what. */
      readonly skew?: { readonly skewMs: number; readonly serverTimeMs: number }
    }

export interface VerifyRequestPorts {
  readonly integratorKeysets: IntegratorKeysets
  readonly lease: Lease
  readonly system: System
}

const nobody = createKeyset<IntegratorSecret>([])

/** How often memory may change under a request before it is told to come back. */
const maxAttempts = 8

/**
 * Answers from memory, in one synchronous stretch from the check of the lease to the last comparison. `undefined`: no
 * secret in memory made this signature, and only the store can refuse it.
 */
export function verifyRequestFromMemory(
  ports: VerifyRequestPorts,
  question: RequestQuestion,
): RequestVerdict | undefined {
  const key = keyOf(question)
  const verdict = judge(ports, key === null ? undefined : ports.integratorKeysets.held(key), question)
  return verdict.verified || verdict.reason !== 'signature_invalid' || key === null ? verdict : undefined
}

/** From memory, or where that does not verify it, with what the store has. */
export async function verifyRequest(ports: VerifyRequestPorts, question: RequestQuestion): Promise<RequestVerdict> {
  return verifyRequestFromMemory(ports, question) ?? verifyRequestFromStore(ports, question)
}

/**
 * For what memory did not verify. Something is loaded, whether the key was in memory or not, and what was compared
 * already is not compared again: a wrong signature and an unknown key cost the same, so that time does not tell which
 * keys there are.
 */
export async function verifyRequestFromStore(
  ports: VerifyRequestPorts,
  question: RequestQuestion,
): Promise<RequestVerdict> {
  const key = keyOf(question)
  if (key === null) return invalid
  // A node that is no member may lack the very master key.
  if (!ports.lease.isHeld()) throw new DomainError('lease_lost')
  const compared = ports.integratorKeysets.held(key)
  for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
    const exists = await ports.integratorKeysets.load(key)
    const held = ports.integratorKeysets.held(key)
    if (!exists || (held && held === compared)) return invalid
    if (held) return judge(ports, held, question)
  }
  throw new DomainError('store_unavailable')
}

function keyOf({ integratorKey }: RequestQuestion): IntegratorKey | null {
  return integratorKey === undefined ? null : parseIntegratorKey(integratorKey)
}

const invalid: RequestVerdict = { verified: false, reason: 'signature_invalid' }

function judge(
  { lease, system }: VerifyRequestPorts,
  held: HeldIntegrator | undefined,
  question: RequestQuestion,
): RequestVerdict {
  if (!lease.isHeld()) throw new DomainError('lease_lost')
  const isForeign = question.workspaceId !== undefined && held?.integrator.workspaceId !== question.workspaceId
  const nowMs = system.nowMs()
  const keyset = held === undefined || isForeign ? nobody : held.acceptedAt(nowMs)
  const result = verifyRequestParts(keyset, question, { nowMs })
  if (!result.verified) return refusalOf(result)
  // Nobody's keyset verifies nothing.
  if (!held) return invalid
  const { secretId: secret, signature, timestampMs } = result
  return { verified: true, by: held, secret, signature, timestampMs }
}

function refusalOf(result: Extract<RequestVerification<IntegratorSecret>, { verified: false }>): RequestVerdict {
  if (result.reason !== 'timestamp_out_of_range') return { verified: false, reason: result.reason }
  const { reason, skewMs, serverTimeMs } = result
  return { verified: false, reason, skew: { skewMs, serverTimeMs } }
}
