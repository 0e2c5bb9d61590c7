import { Buffer } from 'node:buffer'
import { DEFAULT_SIGNATURE_HEADER, headerValues, type ReceivedHeaders } from './received-headers.ts'
import { findWebhookSigner, type WebhookKeyset } from './webhook-keyset.ts'
import type { WebhookRefusalReason } from './webhook-refusals.ts'
import type { WebhookScheme } from './webhook-secret.ts'
import { isWebhookId, parseSignatureList, parseTimestampSeconds, signedContent } from './webhook-standard.ts'

const DEFAULT_TOLERANCE_SECONDS = 300

export interface ReceivedWebhook {
  readonly headers: ReceivedHeaders
  /** The bytes as they came, before anything decoded or parsed them. */
  readonly body: Uint8Array
}

export interface VerifyWebhookOptions {
  /** The receiver's clock, in Unix seconds; fractions are allowed. The system's clock unless given. */
  readonly nowSeconds?: number | undefined
  /** How far the timestamp of a `standard-webhooks` may be from the clock, either way, in seconds. 300 unless given. */
  readonly toleranceSeconds?: number | undefined
  /** Of `hex-sha256`: the header that holds the signature. `X-Body-Signature` unless given. */
  readonly signatureHeader?: string | undefined
}

interface WebhookRefusal {
  readonly verified: false
  readonly reason: WebhookRefusalReason
}

export type StandardWebhookVerification<Id = string> =
  | {
      readonly verified: true
      readonly secretId: Id
      /** The event's: who has processed it already need not do so again. */
      readonly webhookId: string
      readonly timestampSeconds: number
    }
  | WebhookRefusal

export type BodyWebhookVerification<Id = string> = { readonly verified: true; readonly secretId: Id } | WebhookRefusal

type BodyScheme = 'x-hub-signature' | 'hex-sha256'

/**
 * Says which secret of the keyset signed a webhook, if any did. All are compared with every signature, in constant
 * time. Stricter than the libraries of Standard Webhooks: every header once, the timestamp in digits alone, an id
 * without a full stop, canonical base64; the bytes of the body are verified, not the text they may stand for.
 *
 * @param received - what came: headers and raw body. Hex digits may be of either case.
 * @returns the id of the first secret in keyset order that matches, with the id and the timestamp that it signed for
 *   `standard-webhooks`; or the first reason that fits, in the order of {@link webhookRefusalReasons}. A timestamp
 *   exactly `toleranceSeconds` from the clock is still in time.
 * @throws TypeError when the body is no bytes (a parsed object, a decoded text), or an option is none. Whatever was
 *   received never throws.
 */
export function verifyWebhook<Id>(
  keyset: WebhookKeyset<'standard-webhooks', Id>,
  received: ReceivedWebhook,
  options?: VerifyWebhookOptions,
): StandardWebhookVerification<Id>
export function verifyWebhook<Id>(
  keyset: WebhookKeyset<BodyScheme, Id>,
  received: ReceivedWebhook,
  options?: VerifyWebhookOptions,
): BodyWebhookVerification<Id>
export function verifyWebhook<Id>(
  keyset: WebhookKeyset<WebhookScheme, Id>,
  received: ReceivedWebhook,
  options: VerifyWebhookOptions = {},
): StandardWebhookVerification<Id> | BodyWebhookVerification<Id> {
  assertRawBody(received.body)
  return keyset.scheme === 'standard-webhooks'
    ? verifyStandardWebhook(keyset, received, options)
    : verifyBodySignature(keyset, received, options)
}

/** Decoding swallows what makes bodies differ: all invalid UTF-8 becomes U+FFFD. */
function assertRawBody(body: unknown): void {
  if (!ArrayBuffer.isView(body)) throw new TypeError('body must be the raw bytes, before they are decoded or parsed')
}

function verifyStandardWebhook<Id>(
  keyset: WebhookKeyset<WebhookScheme, Id>,
  { headers, body }: ReceivedWebhook,
  options: VerifyWebhookOptions,
): StandardWebhookVerification<Id> {
  const { nowSeconds = Date.now() / 1000, toleranceSeconds = DEFAULT_TOLERANCE_SECONDS } = options
  assertClock(nowSeconds, toleranceSeconds)

  const [id, timestamp, list] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => {
    return onlyHeader(headers, name)
  })
  if (id === undefined || timestamp === undefined || list === undefined) return refused('webhook_header_missing')
  const timestampSeconds = parseTimestampSeconds(timestamp)
  const signatures = parseSignatureList(list)
  if (!isWebhookId(id) || timestampSeconds === undefined || !signatures) return refused('webhook_malformed')
  if (keyset.size === 0) return refused('no_active_secret')
  const signer = findWebhookSigner(keyset, signedContent(id, timestampSeconds, body), signatures)
  if (!signer) return refused('mismatch')

  if (nowSeconds - timestampSeconds > toleranceSeconds) return refused('webhook_too_old')
  if (timestampSeconds - nowSeconds > toleranceSeconds) return refused('webhook_too_new')
  return { verified: true, secretId: signer.id, webhookId: id, timestampSeconds }
}

function verifyBodySignature<Id>(
  keyset: WebhookKeyset<WebhookScheme, Id>,
  { headers, body }: ReceivedWebhook,
  { signatureHeader = DEFAULT_SIGNATURE_HEADER }: VerifyWebhookOptions,
): BodyWebhookVerification<Id> {
  const isHub = keyset.scheme === 'x-hub-signature'
  const value = onlyHeader(headers, isHub ? 'X-Hub-Signature' : signatureHeader)
  if (value === undefined) return refused('webhook_header_missing')
  const [, hex] = (isHub ? /^sha1=([0-9A-Fa-f]{40})$/ : /^([0-9A-Fa-f]{64})$/).exec(value) ?? []
  if (hex === undefined) return refused('webhook_malformed')
  if (keyset.size === 0) return refused('no_active_secret')
  const signer = findWebhookSigner(keyset, [body], [Buffer.from(hex, 'hex')])
  return signer ? { verified: true, secretId: signer.id } : refused('mismatch')
}

/** What is there more than once, or is no text, has no form that any scheme knows. */
function onlyHeader(headers: ReceivedHeaders, name: string): string | undefined {
  const [value, ...others] = headerValues(headers, name)
  if (value === undefined) return undefined
  return typeof value === 'string' && others.length === 0 ? value : ''
}

function refused(reason: WebhookRefusalReason): WebhookRefusal {
  return { verified: false, reason }
}

/** A clock of NaN is neither before nor after anything, so that every webhook would be in time. */
function assertClock(nowSeconds: number, toleranceSeconds: number): void {
  if (!Number.isFinite(nowSeconds)) throw new TypeError('nowSeconds must be a finite number')
  if (!Number.isFinite(toleranceSeconds) || toleranceSeconds < 0) {
    throw new TypeError('toleranceSeconds must be a finite number, 0 or more')
  }
}
