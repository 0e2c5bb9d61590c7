import { createHash } from 'node:crypto'
import { headers, limits } from '@cutover/contract'
import type { FastifyRequest } from 'fastify'
import type { IdempotentRequest } from '../idempotency/idempotent-request.ts'
import { Refusal } from './refusal.ts'

const shape = new RegExp(`^[\\x21-\\x7e]{1,${limits.idempotencyKeyLength}}$`)

/**
 * What names this request for a repeat of it, or `null` when its client gave it no key.
 *
 * @param subject - what the request is about, where a header says so and neither path nor body: another one is another
 *   request, which must not be answered with the secret of the first
 */
export function idempotentRequest(
  request: FastifyRequest,
  caller: { readonly tokenId: string; readonly workspaceId: string },
  subject = '',
): IdempotentRequest | null {
  const key = request.headers[headers.idempotencyKey.toLowerCase()]
  if (key === undefined) return null
  if (typeof key !== 'string' || !shape.test(key)) throw new Refusal('idempotency_key_malformed')
  return {
    ...caller,
    key,
    method: request.method,
    path: request.url.split('?', 1)[0] ?? '',
    bodyHash: createHash('sha256')
      .update(subject)
      .update(request.rawBody ?? '')
      .digest('base64url'),
  }
}
