import {
  type BatchItemResult,
  VerificationItem as ItemSchema,
  type VerificationItem,
  type VerificationResult,
} from '@cutover/contract'
import { isoTime } from '../../iso-time.ts'
import type { Verdict } from '../../verification/verify-user.ts'
import { faultFinder } from '../plugins/validation.ts'
import type { FieldFault } from '../refusal.ts'

/** What the schema cannot say of a question. */
export function questionFaults(question: VerificationItem): readonly FieldFault[] {
  const isExclusive = question.userHash === undefined || question.jwt === undefined
  return isExclusive && isWellFormed(question) ? noFaults : findFaults(question)
}

const noFaults: readonly FieldFault[] = []

/** A lone surrogate has no UTF-8: two different strings would sign alike. */
function isWellFormed({ userId, email, userHash, jwt, source, workspaceId, reference }: VerificationItem): boolean {
  return (
    userId?.isWellFormed() !== false &&
    email?.isWellFormed() !== false &&
    userHash?.isWellFormed() !== false &&
    jwt?.isWellFormed() !== false &&
    source?.isWellFormed() !== false &&
    workspaceId?.isWellFormed() !== false &&
    reference?.isWellFormed() !== false
  )
}

function findFaults(question: VerificationItem): FieldFault[] {
  const faults = Object.entries(question)
    .filter(([, value]) => !value.isWellFormed())
    .map(([field]) => fault(field, 'must be well-formed Unicode'))
  if (question.userHash === undefined || question.jwt === undefined) return faults
  return [...faults, fault('jwt', 'must not be given together with userHash')]
}

const schemaFaults = faultFinder(ItemSchema)

/** One item of a batch, or what is wrong with it. */
export function parseItem(item: unknown): { item: VerificationItem } | { faults: readonly FieldFault[] } {
  const ofSchema = schemaFaults(item)
  if (ofSchema.length > 0) return { faults: ofSchema }
  const parsed = item as VerificationItem // sound: the schema was just checked
  const faults = questionFaults(parsed)
  return faults.length > 0 ? { faults } : { item: parsed }
}

export function toResult(verdict: Verdict): VerificationResult {
  const { enforcement, method } = verdict
  if (!verdict.verified) {
    const decision = enforcement === 'enforce' ? 'reject' : 'allow'
    const { reason } = verdict
    return {
      verified: false,
      decision,
      reason,
      method,
      userId: null,
      secretId: null,
      secretExpiresAt: null,
      enforcement,
    }
  }
  const { id, expiresAtMs } = verdict.secret
  return {
    verified: true,
    decision: 'allow',
    reason: null,
    method,
    userId: verdict.userId,
    secretId: id,
    secretExpiresAt: isoTime(expiresAtMs),
    enforcement,
  }
}

/** The result of an item that could not be understood: nothing is known of its platform, so nothing is allowed. */
export function toInvalidItem(item: unknown, faults: readonly FieldFault[]): BatchItemResult {
  return {
    verified: false,
    decision: 'reject',
    reason: 'item_invalid',
    method: null,
    userId: null,
    secretId: null,
    secretExpiresAt: null,
    enforcement: null,
    ...referenceOf(item),
    errors: faults.map(({ field, message }) => ({ field, message })),
  }
}

/** The reference of a bad item too, where it is good itself: its sender has to find the item. */
function referenceOf(item: unknown): { reference?: string } {
  const { reference } = (typeof item === 'object' && item !== null ? item : {}) as { reference?: unknown }
  const isGood = typeof reference === 'string' && parseItemReference(reference)
  return isGood ? { reference } : {}
}

function parseItemReference(reference: string): boolean {
  return 'item' in parseItem({ platform: 'web', reference })
}

function fault(field: string, rest: string): FieldFault {
  return { field, message: `${field} ${rest}`, isTypeMismatch: false }
}
