import type { History, Operation, Verification } from './history.ts'

/** How far a node's store time may be off, in true time. */
export interface Epsilon {
  readonly lateMs: number
  readonly earlyMs: number
  /** On a node that a fault has touched: its lease may have come after a long round trip. */
  readonly earlyAfterFaultMs: number
}

interface OfOneSecret {
  readonly enabling: Operation[]
  readonly revoking: Operation[]
}

/**
 * What in a history breaks a promise, in words. An operation may take effect at any time from its invocation to its
 * `ok`; one without an `ok` at any time, or never; one that was refused, never.
 */
export function brokenPromises(history: History, epsilon: Epsilon): string[] {
  const secrets = bySecret(history.operations)
  const refusals = new Map<string, Verification[]>()
  const broken: string[] = []
  for (const verification of history.verifications.toSorted(
    (one, other) => one.comparedFromMs - other.comparedFromMs,
  )) {
    const operations = secrets.get(verification.secret)
    if (!operations) continue
    const key = `${verification.machine} ${verification.secret}`
    const refusedThere = refusals.get(key) ?? []
    refusals.set(key, refusedThere)
    const lastRefusal = refusedThere.findLast(({ comparedByMs }) => comparedByMs <= verification.comparedFromMs)
    const promise = brokenBy(verification, operations, epsilon, lastRefusal)
    if (promise) broken.push(`${promise}: ${describe(verification)}`)
    if (verification.outcome === 'unverified') refusedThere.push(verification)
  }
  return broken
}

function bySecret(operations: readonly Operation[]): Map<number, OfOneSecret> {
  const secrets = new Map<number, OfOneSecret>()
  for (const operation of operations) {
    if (operation.outcome === 'refused' || operation.outcome === 'unavailable') continue
    const ofOne = secrets.get(operation.secret) ?? { enabling: [], revoking: [] }
    secrets.set(operation.secret, ofOne)
    const isEnabling = operation.kind === 'create' || operation.kind === 'enable'
    ofOne[isEnabling ? 'enabling' : 'revoking'].push(operation)
  }
  return secrets
}

function brokenBy(
  verification: Verification,
  operations: OfOneSecret,
  epsilon: Epsilon,
  lastRefusal: Verification | undefined,
): string | undefined {
  if (verification.outcome === 'verified') {
    const revocation = operations.revoking.find((each) => isSurelyRevokedBy(each, verification, operations, epsilon))
    if (revocation)
      return revocation.kind === 'retire' ? 'S3 accepted after its end' : `S1 accepted after ${revocation.kind}`
    if (lastRefusal && !operations.enabling.some((each) => mayComeBetween(lastRefusal, each, verification))) {
      return 'S4 accepted again'
    }
  }
  if (verification.outcome === 'unverified' && isSurelyAcceptable(verification, operations, epsilon))
    return 'S2 refused'
  if (verification.outcome === 'unavailable' && verification.isCalm) return 'S2 unavailable without a cause'
  return undefined
}

function isSurelyRevokedBy(
  revocation: Operation,
  { invokedMs, answeredMs }: Verification,
  { enabling }: OfOneSecret,
  { lateMs }: Epsilon,
): boolean {
  const { kind, okMs } = revocation
  if (kind === 'retire') return Math.max(okMs, revocation.endsMs + lateMs) < invokedMs
  if (okMs >= invokedMs) return false
  if (kind === 'delete') return true
  return !enabling.some((each) => each.okMs > revocation.invokedMs && each.invokedMs < answeredMs)
}

function isSurelyAcceptable(
  verification: Verification,
  { enabling, revoking }: OfOneSecret,
  epsilon: Epsilon,
): boolean {
  const known = enabling.filter(({ okMs }) => okMs < verification.invokedMs)
  if (!known.some(({ kind }) => kind === 'create')) return false
  const { isTimeSure, isCalm, answeredMs } = verification
  const earlyMs = isCalm ? epsilon.earlyMs : epsilon.earlyAfterFaultMs
  return revoking.every((revocation) => {
    if (revocation.invokedMs >= answeredMs) return true
    if (revocation.kind === 'retire') return isTimeSure && answeredMs < revocation.endsMs - earlyMs
    return revocation.kind === 'disable' && known.some(({ invokedMs }) => invokedMs > revocation.okMs)
  })
}

function mayComeBetween(refusal: Verification, enabling: Operation, acceptance: Verification): boolean {
  return enabling.okMs > refusal.comparedFromMs && enabling.invokedMs < acceptance.answeredMs
}

function describe({ machine, secret, invokedMs, comparedByMs }: Verification): string {
  return `secret ${secret} on ${machine}, invoked at ${invokedMs.toFixed(2)}, compared by ${comparedByMs.toFixed(2)}`
}
