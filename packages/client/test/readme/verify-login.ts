import type { CutoverClient } from '@cutover/client'

/** The user whom a JWT vouches for; `null`: nobody. Go on with this id, and with no other. */
export async function verifiedUserId(cutover: CutoverClient, jwt: string): Promise<string | null> {
  const question = { platform: 'web', jwt, source: 'web login' } as const
  const { verified, userId } = await cutover.verifications.verify(question, { timeoutMs: 1000 })
  return verified ? userId : null
}
