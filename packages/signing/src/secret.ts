import { assertWellFormed } from './well-formed.ts'

/** No message of these errors holds the secret. */
export function assertSecret(secret: unknown): asserts secret is string {
  assertWellFormed('secret', secret)
  if (secret === '') throw new TypeError('secret must not be empty')
}
