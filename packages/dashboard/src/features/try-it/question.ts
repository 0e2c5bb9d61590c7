import type { CutoverClient } from '@cutover/client'
import type { Diagnosis, Platform, VerificationRequest, VerificationResult } from '@cutover/contract'

export interface Question {
  readonly platform: Platform
  readonly userId: string
  readonly email: string
  readonly proof: 'userHash' | 'jwt'
  readonly value: string
}

export type Answered =
  | { readonly kind: 'diagnosis'; readonly diagnosis: Diagnosis }
  | { readonly kind: 'result'; readonly result: VerificationResult }

/** A diagnosis leaves the usage alone; a verification is one, and says where it came from. */
export async function ask(client: CutoverClient, question: Question, mayDiagnose: boolean): Promise<Answered> {
  const request = requestOf(question)
  if (mayDiagnose) return { kind: 'diagnosis', diagnosis: await client.verifications.diagnose(request) }
  const result = await client.verifications.verify({ ...request, source: 'dashboard' })
  return { kind: 'result', result }
}

/** Blanks around what was signed are part of the question: they may be what is wrong. */
function requestOf({ platform, userId, email, proof, value }: Question): VerificationRequest {
  return {
    platform,
    ...(userId === '' ? {} : { userId }),
    ...(email === '' || proof === 'jwt' ? {} : { email }),
    ...(proof === 'jwt' ? { jwt: value.trim() } : { userHash: value }),
  }
}
