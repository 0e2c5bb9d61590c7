import { Buffer } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import { createKeyset, findSigner, type Keyset } from './keyset.ts'
import { integratorKeyOf, onlyHeader, type RequestHeaders } from './request-headers.ts'
import type { RequestRefusalReason } from './request-refusals.ts'
import {
  bodySha256,
  isBodySha256,
  isMethod,
  isPath,
  MAX_SKEW_MS,
  parseSignature,
  parseTimestampMs,
  stringToSign,
} from './request-signature.ts'

/** A signed request as it was received. */
export interface ReceivedRequest {
  /** In any case. */
  readonly method: string
  /** The request target exactly as it was received, its query included: Node's `url`, Express's `originalUrl`. */
  readonly path: string
  readonly headers: RequestHeaders
  /** The raw bytes, before they are decoded or parsed; a string is its UTF-8 bytes. None is the empty one. */
  readonly body?: string | Uint8Array | undefined
}

/** A signed request of which only the parts are at hand, in a gateway say. */
export interface RequestParts {
  /** The value of X-Timestamp as received; undefined when it is missing or was sent twice. */
  readonly timestamp: string | undefined
  /** In any case. */
  readonly method: string
  /** The request target exactly as it was received, its query included. */
  readonly path: string
  /** Of the raw body, 64 lowercase hex digits: see {@link bodySha256}. */
  readonly bodySha256: string
  /** The value of X-Signature as received; undefined when it is missing or was sent twice. */
  readonly signature: string | undefined
}

export interface VerifyRequestOptions {
  /** The verifier's clock, in Unix milliseconds. The system's unless given. */
  readonly nowMs?: number | undefined
}

export type RequestVerification<Id = string> =
  | {
      readonly verified: true
      readonly secretId: Id
      readonly timestampMs: number
      /** As it was received, and in no other form: what to remember where a request must be accepted only once. */
      readonly signature: string
    }
  | {
      readonly verified: false
      readonly reason: 'timestamp_out_of_range'
      /** The timestamp less the verifier's clock: negative when the signer's is behind. */
      readonly skewMs: number
      readonly serverTimeMs: number
    }
  | { readonly verified: false; readonly reason: Exclude<RequestRefusalReason, 'timestamp_out_of_range'> }

/**
 * Says which secret of the keyset signed a request (see {@link signRequest}), if any did. All are compared, in constant
 * time. An empty keyset answers like a wrong signature and takes the time of one secret, so give one for a key that you
 * do not know. It does not remember signatures: within 300,000 ms of its timestamp a copy verifies again.
 *
 * @param keyset - the secrets of the integrator that {@link integratorKeyOf} names.
 * @param request - give Node's `rawHeaders`, `url` and the raw body.
 * @returns the id of the first secret in keyset order that matches, or the first reason that fits, in the order of
 *   {@link requestRefusalReasons}. A timestamp exactly 300,000 ms from the clock is still in time. Without exactly one
 *   X-Integrator-Key, and for a method or path that {@link signRequest} would not sign: `signature_invalid`.
 * @throws TypeError for misuse alone, whatever was received: headers that are no object, a method or path that is no
 *   string, a body that was parsed already, a clock that is no finite number.
 */
export function verifyRequest<Id>(
  keyset: Keyset<Id>,
  { method, path, headers, body }: ReceivedRequest,
  options?: VerifyRequestOptions,
): RequestVerification<Id> {
  const timestamp = onlyHeader(headers, 'X-Timestamp')
  const signature = onlyHeader(headers, 'X-Signature')
  const parts = { timestamp, method, path, bodySha256: receivedBodySha256(body), signature }
  const verification = verifyRequestParts(keyset, parts, options)
  return verification.verified && integratorKeyOf(headers) === undefined ? refused('signature_invalid') : verification
}

/** A decoder may make a lone surrogate of what was sent (UTF-16 says); nobody can have signed that. */
function receivedBodySha256(body: string | Uint8Array | undefined): string {
  return typeof body === 'string' && !body.isWellFormed() ? '' : bodySha256(body)
}

/**
 * As {@link verifyRequest}, for a gateway or server that has read the parts itself. It must have refused a request
 * without exactly one X-Integrator-Key, and chosen the keyset by that.
 *
 * @returns as `verifyRequest`; a `bodySha256` that is not 64 lowercase hex digits is `signature_invalid`.
 * @throws TypeError when `method`, `path` or `bodySha256` is no string, or the clock no finite number.
 */
export function verifyRequestParts<Id>(
  keyset: Keyset<Id>,
  { timestamp, signature, ...content }: RequestParts,
  { nowMs = Date.now() }: VerifyRequestOptions = {},
): RequestVerification<Id> {
  assertPartsAndClock(content, nowMs)
  const timestampMs = parseTimestampMs(timestamp)
  if (timestampMs === undefined) return refused('timestamp_malformed')
  const skewMs = timestampMs - nowMs
  if (Math.abs(skewMs) > MAX_SKEW_MS) {
    return { verified: false, reason: 'timestamp_out_of_range', skewMs, serverTimeMs: nowMs }
  }
  const signatureHex = parseSignature(signature)
  if (signature === undefined || signatureHex === undefined) return refused('signature_malformed')
  if (!isSignable(content)) return refused('signature_invalid')
  const message = stringToSign({ timestampMs, ...content })
  const signer = findRequestSigner(keyset, message, Buffer.from(signatureHex, 'hex'))
  return signer ? { verified: true, secretId: signer.id, timestampMs, signature } : refused('signature_invalid')
}

type Content = Pick<RequestParts, 'method' | 'path' | 'bodySha256'>

/** A clock of NaN is neither before nor after anything, so that every request would be in time. */
function assertPartsAndClock({ method, path, bodySha256 }: Content, nowMs: number): void {
  for (const [name, value] of Object.entries({ method, path, bodySha256 })) {
    if (typeof value !== 'string') throw new TypeError(`${name} must be a string`)
  }
  if (!Number.isFinite(nowMs)) throw new TypeError('nowMs must be a finite number')
}

function isSignable({ method, path, bodySha256 }: Content): boolean {
  return isMethod(method) && isPath(path) && isBodySha256(bodySha256)
}

const decoyKeyset = createKeyset([{ id: 'decoy', secret: randomBytes(32).toString('base64url') }])

/** An empty keyset costs one comparison too: otherwise time would tell which keys there are. */
export function findRequestSigner<Id>(
  keyset: Keyset<Id>,
  message: string,
  digest: Uint8Array,
  decoy: Keyset<unknown> = decoyKeyset,
): { readonly id: Id } | undefined {
  if (keyset.size > 0) return findSigner(keyset, message, digest)
  findSigner(decoy, message, digest)
  return undefined
}

function refused(reason: Exclude<RequestRefusalReason, 'timestamp_out_of_range'>) {
  return { verified: false, reason } as const
}
