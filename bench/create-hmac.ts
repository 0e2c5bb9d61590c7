import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Signed } from './sample.ts'

/** What an application does without Cutover: the baseline of every measurement. */
export function isSignedBy(secret: string, { userId, userHash }: Signed): boolean {
  const computed = createHmac('sha256', secret).update(userId).digest()
  const presented = Buffer.from(userHash, 'hex')
  return presented.length === computed.length && timingSafeEqual(computed, presented)
}
