import { createKeyset, type Keyset, verifyJwt, verifyUserHash } from '@cutover/signing'
import { hashAlternatives, jwtAlternatives } from './alternatives.ts'
import type { Candidate, Diagnosis } from './candidate.ts'
import { firstFitting } from './first-fitting.ts'
import { type Identifiers, identifierMistakeBehind } from './identifier-mistakes.ts'
import { readHash, readJwtSignature } from './presented-digest.ts'

/** Something signed, and who it is said to be about. */
export type SignedQuestion =
  | { readonly method: 'userHash'; readonly userHash: string; readonly identifiers: Identifiers }
  | { readonly method: 'jwt'; readonly jwt: string; readonly identifiers: Identifiers | null }

/** What is wrong with a signature, if anything: first what a verification says, then what it keeps to itself. */
export function diagnose(
  candidates: readonly Candidate[],
  question: SignedQuestion,
  nowMs: number,
): Promise<Diagnosis> | Diagnosis {
  const accepted = candidates.filter(({ standing }) => standing === 'accepted')
  const keyset = createKeyset(accepted.map((candidate) => ({ id: candidate, secret: candidate.material })))
  return question.method === 'jwt'
    ? diagnoseJwt(candidates, keyset, question, nowMs)
    : diagnoseHash(candidates, keyset, question)
}

async function diagnoseHash(
  candidates: readonly Candidate[],
  keyset: Keyset<Candidate>,
  { userHash, identifiers }: Extract<SignedQuestion, { method: 'userHash' }>,
): Promise<Diagnosis> {
  const result = verifyUserHash(keyset, identifiers.expected, userHash)
  if (result.verified) return found('verified', result.secretId)
  const mistake = await firstFitting(candidates, hashAlternatives(identifiers), readHash(userHash))
  return mistake ?? { ...unexplained(keyset), note: /^[0-9A-Fa-f]{64}$/.test(userHash) ? null : 'not_hex' }
}

async function diagnoseJwt(
  candidates: readonly Candidate[],
  keyset: Keyset<Candidate>,
  { jwt, identifiers }: Extract<SignedQuestion, { method: 'jwt' }>,
  nowMs: number,
): Promise<Diagnosis> {
  // Without the user of the question: whom a genuine token is about instead is a finding of its own.
  const result = verifyJwt(keyset, jwt, { nowSeconds: nowMs / 1000 })
  if (result.verified) return diagnoseUser(result.userId, identifiers, result.secretId)
  if (result.reason !== 'mismatch' && result.reason !== 'no_active_secret') return found(result.reason)
  const { signingInput, presented } = readJwtSignature(jwt)
  return (await firstFitting(candidates, jwtAlternatives(signingInput), presented)) ?? unexplained(keyset)
}

/** Of a genuine token. Nothing here is secret: the claim is in the token. */
function diagnoseUser(userId: string, identifiers: Identifiers | null, candidate: Candidate): Diagnosis {
  if (identifiers === null || identifiers.expected === userId) return found('verified', candidate)
  const mistake = identifierMistakeBehind(identifiers, userId)
  return mistake ? { ...mistake, candidate } : { ...found('unknown', candidate), note: 'another_user' }
}

function unexplained(keyset: Keyset<Candidate>): Diagnosis {
  return found(keyset.size === 0 ? 'no_active_secret' : 'unknown')
}

function found(finding: Diagnosis['finding'], candidate: Candidate | null = null): Diagnosis {
  return { finding, note: null, candidate }
}
