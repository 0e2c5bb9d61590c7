import type { Buffer } from 'node:buffer'
import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto'
import type { SigningSecret } from './keyset.ts'
import { type WebhookScheme, webhookKey } from './webhook-secret.ts'

interface WebhookKey<Id> {
  readonly id: Id
  readonly key: KeyObject
}

let keysOf: <Id>(keyset: WebhookKeyset<WebhookScheme, Id>) => readonly WebhookKey<Id>[]

/**
 * Secrets of one scheme made ready to verify with, by {@link createWebhookKeyset}. Immutable; prepare it once and use
 * it for every webhook. Key material is in private fields: neither `console.log` nor `JSON.stringify` shows it.
 */
export class WebhookKeyset<Scheme extends WebhookScheme = WebhookScheme, Id = string> {
  readonly scheme: Scheme
  readonly #keys: readonly WebhookKey<Id>[]

  constructor(scheme: Scheme, secrets: readonly SigningSecret<Id>[]) {
    this.scheme = scheme
    this.#keys = secrets.map(({ id, secret }) => ({ id, key: webhookKey(scheme, secret) }))
  }

  static {
    keysOf = (keyset) => keyset.#keys
  }

  /** How many secrets it holds. */
  get size(): number {
    return this.#keys.length
  }
}

/**
 * Prepares secrets for {@link verifyWebhook}: during a rotation, the old one and the new one. None is allowed: an empty
 * keyset answers `no_active_secret`.
 *
 * @param scheme - how the sender signs; see {@link WebhookScheme}.
 * @param secrets - each with an id of any type. For `standard-webhooks`, `whsec_` followed by canonical base64 of 24 to
 *   64 bytes, which are the HMAC key. For the others any string that is not empty; its UTF-8 bytes are the key.
 * @throws TypeError when a secret is not of that form, or the scheme is none.
 */
export function createWebhookKeyset<Scheme extends WebhookScheme, Id = string>(
  scheme: Scheme,
  secrets: readonly SigningSecret<Id>[],
): WebhookKeyset<Scheme, Id> {
  if (!Object.hasOwn(algorithms, scheme)) throw new TypeError('scheme must be one of the three of WebhookScheme')
  return new WebhookKeyset(scheme, secrets)
}

const algorithms: Readonly<Record<WebhookScheme, 'sha256' | 'sha1'>> = {
  'standard-webhooks': 'sha256',
  'x-hub-signature': 'sha1',
  'hex-sha256': 'sha256',
}

/** HMAC (RFC 2104) over the parts one after another. The body is hashed where it lies, neither copied nor decoded. */
export function webhookMac(scheme: WebhookScheme, key: KeyObject, content: readonly (string | Uint8Array)[]): Buffer {
  const hmac = createHmac(algorithms[scheme], key)
  for (const part of content) hmac.update(part)
  return hmac.digest()
}

/**
 * The first secret, in keyset order, that made one of the signatures, which are as long as the scheme's are. Each secret hashes the content once, however
 * many signatures were sent: a long list costs its sender more than the receiver. All are compared even after one has
 * matched, so that time tells neither which one did, nor how near a signature came.
 */
export function findWebhookSigner<Id>(
  keyset: WebhookKeyset<WebhookScheme, Id>,
  content: readonly (string | Uint8Array)[],
  signatures: readonly Uint8Array[],
): { readonly id: Id } | undefined {
  let signer: { readonly id: Id } | undefined
  for (const { id, key } of keysOf(keyset)) {
    const mac = webhookMac(keyset.scheme, key, content)
    for (const signature of signatures) {
      const matches = timingSafeEqual(mac, signature)
      signer ??= matches ? { id } : undefined
    }
  }
  return signer
}
