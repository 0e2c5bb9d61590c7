import { createHmac, timingSafeEqual } from 'node:crypto'
import type { BenchIntegrator } from './integrator.ts'
import type { Signed } from './sample.ts'
import type { SignedRequest } from './signed-requests.ts'

/** What an application does without Cutover: the baseline of every measurement. */
export function isSignedBy(secret: string, { userId, userHash }: Signed): boolean {
  const computed = createHmac('sha256', secret).update(userId).digest()
  const presented = Buffer.from(userHash, 'hex')
  return presented.length === computed.length && timingSafeEqual(computed, presented)
}

/** The same of a signed request, for the one integrator that it knows. */
export function isRequestSignedBy({ key, secret }: BenchIntegrator, request: SignedRequest): boolean {
  const { integratorKey, timestamp, method, path, bodySha256, signature } = request
  const message = `${timestamp}.${method.toUpperCase()}.${path}.${bodySha256}`
  const computed = createHmac('sha256', secret).update(message).digest()
  const presented = Buffer.from(signature.slice('sha256='.length), 'hex')
  return integratorKey === key && presented.length === computed.length && timingSafeEqual(computed, presented)
}
