import { hash } from 'node:crypto'
import { assertSecret } from './secret.ts'

/**
 * How Cutover names a secret without showing it, in lists, logs and the header `Cutover-Current-Secret`: `sha256:` and
 * the first 16 hex digits of the SHA-256 of the secret string.
 *
 * @param secret - the secret string exactly as issued.
 * @throws TypeError when it is no string, is empty, or holds a lone surrogate.
 */
export function secretFingerprint(secret: string): string {
  assertSecret(secret)
  return `sha256:${hash('sha256', secret, 'hex').slice(0, 16)}`
}
