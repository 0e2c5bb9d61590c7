import { DEFAULT_SIGNATURE_HEADER } from './received-headers.ts'
import { webhookMac } from './webhook-keyset.ts'
import { webhookKey } from './webhook-secret.ts'
import { isWebhookId, parseTimestampSeconds, signedContent } from './webhook-standard.ts'
import { assertWellFormed } from './well-formed.ts'

export interface StandardWebhookToSign {
  readonly scheme: 'standard-webhooks'
  /** `whsec_` followed by canonical base64 of 24 to 64 bytes. During a rotation the old one and the new one. */
  readonly secrets: readonly string[]
  /** The event's; the same each time it is sent again. Visible ASCII without a full stop. */
  readonly id: string
  /** Of this attempt, in whole Unix seconds. */
  readonly timestampSeconds: number
  /** What is sent, byte for byte; a string is sent as UTF-8. */
  readonly body: string | Uint8Array
}

/** These two headers hold one signature each. */
export interface BodyWebhookToSign {
  readonly scheme: 'x-hub-signature' | 'hex-sha256'
  /** Any string that is not empty; its UTF-8 bytes are the key. */
  readonly secret: string
  /** What is sent, byte for byte; a string is sent as UTF-8. */
  readonly body: string | Uint8Array
  /** Of `hex-sha256`: the header that holds the signature. `X-Body-Signature` unless given. */
  readonly signatureHeader?: string | undefined
}

/**
 * Signs a webhook with every secret given, in their order.
 *
 * @returns the headers to send: `webhook-id`, `webhook-timestamp` and `webhook-signature` (`v1,` and base64, one for
 *   each secret, separated by a space) of Standard Webhooks 1.0; `X-Hub-Signature` (`sha1=` and 40 lowercase hex
 *   digits); or the header of your choice (64 lowercase hex digits).
 * @throws TypeError when a secret is not of the form its scheme asks for, or there is none; for an id or a timestamp
 *   that no receiver could read; for a body that is neither bytes nor a string without lone surrogates.
 */
export function signWebhook(webhook: StandardWebhookToSign | BodyWebhookToSign): Record<string, string> {
  assertBodyToSign(webhook.body)
  switch (webhook.scheme) {
    case 'standard-webhooks':
      return signStandardWebhook(webhook)
    case 'x-hub-signature':
      return { 'X-Hub-Signature': `sha1=${hexMac(webhook)}` }
    case 'hex-sha256':
      return { [webhook.signatureHeader ?? DEFAULT_SIGNATURE_HEADER]: hexMac(webhook) }
    default:
      // What a caller without types may pass.
      throw new TypeError('scheme must be one of the three of WebhookScheme')
  }
}

function signStandardWebhook({ scheme, secrets, id, timestampSeconds, body }: StandardWebhookToSign) {
  if (secrets.length === 0) throw new TypeError('a webhook must be signed with one secret at least')
  if (!isWebhookId(id)) throw new TypeError('id must be visible ASCII without a full stop')
  if (parseTimestampSeconds(String(timestampSeconds)) !== timestampSeconds) {
    throw new TypeError('timestampSeconds must be whole Unix seconds')
  }
  const content = signedContent(id, timestampSeconds, body)
  const signatures = secrets.map((secret) => {
    return `v1,${webhookMac(scheme, webhookKey(scheme, secret), content).toString('base64')}`
  })
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': signatures.join(' '),
  }
}

function hexMac({ scheme, secret, body }: BodyWebhookToSign): string {
  return webhookMac(scheme, webhookKey(scheme, secret), [body]).toString('hex')
}

function assertBodyToSign(body: unknown): void {
  if (!ArrayBuffer.isView(body)) assertWellFormed('a body that is not bytes', body)
}
