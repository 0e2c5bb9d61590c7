import { Buffer } from 'node:buffer'
import { createSecretKey, type KeyObject } from 'node:crypto'
import { assertSecret } from './secret.ts'
import { decodeBase64 } from './webhook-base64.ts'

/**
 * - `standard-webhooks`: Standard Webhooks 1.0, symmetric (`v1`): HMAC-SHA256 over id, timestamp and body
 * - `x-hub-signature`: `X-Hub-Signature: sha1=…`, HMAC-SHA1 over the body, as Intercom signs with the client secret
 * - `hex-sha256`: HMAC-SHA256 over the body in hex, in a header of the sender's choice
 */
export type WebhookScheme = 'standard-webhooks' | 'x-hub-signature' | 'hex-sha256'

const PREFIX = 'whsec_'
const MIN_KEY_BYTES = 24
const MAX_KEY_BYTES = 64

/** No message of these errors holds the secret. A KeyObject shows its bytes to no one who prints it. */
export function webhookKey(scheme: WebhookScheme, secret: unknown): KeyObject {
  assertSecret(secret)
  return createSecretKey(scheme === 'standard-webhooks' ? decodeWhsec(secret) : utf8Bytes(secret))
}

function decodeWhsec(secret: string): Buffer {
  const key = secret.startsWith(PREFIX) ? decodeBase64(secret.slice(PREFIX.length)) : undefined
  if (!key) throw new TypeError('a secret of Standard Webhooks must be whsec_ followed by canonical base64')
  if (key.length < MIN_KEY_BYTES || key.length > MAX_KEY_BYTES) {
    throw new TypeError(`a secret of Standard Webhooks must hold ${MIN_KEY_BYTES} to ${MAX_KEY_BYTES} bytes`)
  }
  return key
}

function utf8Bytes(secret: string): Buffer {
  const key = Buffer.alloc(Buffer.byteLength(secret))
  key.write(secret)
  return key
}
