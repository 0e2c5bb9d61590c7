import { timingSafeEqual } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { findings } from '@cutover/contract'
import type { Alternative, Alternatives } from './alternatives.ts'
import type { Candidate, Diagnosis } from './candidate.ts'
import type { PresentedDigest } from './presented-digest.ts'

/**
 * Of all alternatives of all candidates, the one whose finding comes first in the order of the contract. Each is
 * computed and compared in constant time, also after one has fitted: time tells neither which secret it was nor how near
 * a digest came, and what was found the answer tells anyway.
 */
export async function firstFitting(
  candidates: readonly Candidate[],
  alternatives: Alternatives,
  presented: PresentedDigest,
): Promise<Diagnosis | null> {
  let first: Diagnosis | null = null
  for (const candidate of [...candidates, null]) {
    for (const alternative of alternatives(candidate)) {
      const { finding, note } = alternative
      if (fits(alternative, presented)) first = earlier(first, { finding, note, candidate })
    }
    // Verifications wait for one candidate at most.
    await nextTurn()
  }
  return first
}

/** Of which length a digest is, its sender knows. */
function fits({ digest, isInBase64 }: Alternative, { asAsked, fromBase64 }: PresentedDigest): boolean {
  const bytes = isInBase64 ? fromBase64 : asAsked
  return bytes?.length === digest.length && timingSafeEqual(bytes, digest)
}

function earlier(first: Diagnosis | null, other: Diagnosis): Diagnosis {
  return first !== null && findings.indexOf(first.finding) <= findings.indexOf(other.finding) ? first : other
}
