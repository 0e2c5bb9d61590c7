import { bodySha256, signRequest } from '@cutover/signing'
import type { BenchIntegrator } from './integrator.ts'

/** What a gateway asks about a signed request that it received. */
export interface SignedRequest {
  readonly integratorKey: string
  readonly timestamp: string
  readonly method: string
  readonly path: string
  readonly bodySha256: string
  readonly signature: string
}

/** Many different requests, all signed now: good for five minutes. */
export function signRequests(integrator: BenchIntegrator, count: number): readonly SignedRequest[] {
  return Array.from({ length: count }, (_, index) => {
    const method = 'POST'
    const path = `/payouts/${100_000 + index}?dry=1`
    const body = JSON.stringify({ amount: index })
    const headers = signRequest(integrator, { method, path, body })
    return {
      integratorKey: headers['X-Integrator-Key'],
      timestamp: headers['X-Timestamp'],
      method,
      path,
      bodySha256: bodySha256(body),
      signature: headers['X-Signature'],
    }
  })
}

/** The same request with the last digit of its signature changed. */
export function forgeRequest({ signature, ...request }: SignedRequest): SignedRequest {
  return { ...request, signature: `${signature.slice(0, -1)}${signature.endsWith('0') ? '1' : '0'}` }
}
