import { createHmac } from 'node:crypto'
import type { Cutover, VerificationRequest } from '@cutover/contract'
import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import { expect } from 'vitest'

/** A server of this process, or one of several. */
export interface Callable {
  call(request: InjectOptions): Promise<LightMyRequestResponse>
}

const allPlatforms = { web: true, ios: true, android: true }

export async function makeSecret({ call }: Callable, name: string, platforms: object = allPlatforms) {
  const response = await call({ method: 'POST', url: '/v1/identity-secrets', payload: { name, platforms } })
  expect(response.statusCode).toBe(201)
  return response.json<{ readonly id: string; readonly secret: string }>()
}

/** A question that was understood; whether it verifies is up to the secret. */
export function question(secret: string, fields: Partial<VerificationRequest> = {}): VerificationRequest {
  const userHash = createHmac('sha256', secret).update('user_1').digest('hex')
  return { platform: 'web', userId: 'user_1', userHash, ...fields }
}

export async function verify({ call }: Callable, secret: string, fields: Partial<VerificationRequest> = {}) {
  const response = await call({ method: 'POST', url: '/v1/verifications', payload: question(secret, fields) })
  expect(response.json()).toMatchObject({ verified: true })
}

export async function cutoverOf({ call }: Callable, id: string, query = ''): Promise<Cutover> {
  const response = await call({ url: `/v1/identity-secrets/${id}/cutover${query}` })
  expect(response.statusCode).toBe(200)
  return response.json()
}

export function deleteIfQuiet({ call }: Callable, id: string, seconds: number) {
  return call({ method: 'DELETE', url: `/v1/identity-secrets/${id}?ifQuietForSeconds=${seconds}` })
}
