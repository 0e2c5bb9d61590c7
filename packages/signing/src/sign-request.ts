import { createHmac } from 'node:crypto'
import {
  bodySha256,
  contentToSign,
  formatSignature,
  isIntegratorKey,
  isMethod,
  isPath,
  parseTimestampMs,
  stringToSign,
} from './request-signature.ts'
import { assertSecret } from './secret.ts'
import { UsedTimestamps } from './used-timestamps.ts'
import { assertWellFormed } from './well-formed.ts'

export interface RequestToSign {
  /** In any case: it is signed in upper case. */
  readonly method: string
  /**
   * The request target exactly as it will be sent, its query included: percent-encoded, as `pathname + search` of a
   * `URL` is. Letters outside ASCII are signed as UTF-8, and then must arrive as such.
   */
  readonly path: string
  /** What is sent, byte for byte; a string is sent as UTF-8. */
  readonly body?: string | Uint8Array | undefined
}

/** Headers of a signed request, ready to be sent. No interface, which `fetch` would not take for a record. */
export type SignedRequestHeaders = {
  readonly 'X-Integrator-Key': string
  /** Unix milliseconds, 13 digits. */
  readonly 'X-Timestamp': string
  /** `sha256=` and 64 lowercase hex digits. */
  readonly 'X-Signature': string
}

export interface SignRequestOptions {
  /**
   * The signer's clock, in Unix milliseconds; a fraction is dropped. The system's unless given. The timestamp may be
   * later.
   */
  readonly nowMs?: number | undefined
}

const usedTimestamps = new UsedTimestamps()

/**
 * Signs a request as an integrator: HMAC-SHA256 (RFC 2104) over `{timestamp}.{METHOD}.{path}.{bodyHash}`, in which the
 * body's hash is its lowercase hex SHA-256. Sign each attempt anew: a call that changes something is accepted once.
 *
 * The timestamp is the present time. Where the same request was signed with it before, or with a later one before the
 * clock was set back, it is the next free millisecond, so that no signature is made twice. That holds for one process
 * (one thread, one copy of this module), and until a timestamp would have to be more than a minute ahead of the clock:
 * once the clock was set back that far, or the same request signed 60,000 times at once. Then the present time is taken
 * all the same, and a signature may repeat. Two processes that sign the same request in the same millisecond make the
 * same signature: who is told `signature_replayed` signs again. The last 10,000 different requests are remembered, each
 * as an HMAC; any other one takes a timestamp after all of those that were forgotten.
 *
 * @param integrator - the secret exactly as issued (its UTF-8 bytes are the HMAC key), and the key that names it.
 * @throws TypeError for an empty secret, or one with a lone surrogate; a key that is not visible ASCII without a comma;
 *   a method that is no token of RFC 9110 or holds a full stop; a path that is empty, or holds a space, a control
 *   character of ASCII or a lone surrogate; a body that is neither bytes nor a string without lone surrogates; a clock
 *   outside the 13 digits of 2001 to 2286.
 */
export function signRequest(
  { key, secret }: { readonly key: string; readonly secret: string },
  { method, path, body }: RequestToSign,
  { nowMs = Date.now() }: SignRequestOptions = {},
): SignedRequestHeaders {
  assertSecret(secret)
  assertRequestToSign(key, method, path)
  const content = { method, path, bodySha256: bodySha256(body) }
  const timestampMs = unusedTimestampMs(hmacHex(secret, contentToSign(content)), Math.floor(nowMs))
  return {
    'X-Integrator-Key': key,
    'X-Timestamp': String(timestampMs),
    'X-Signature': formatSignature(hmacHex(secret, stringToSign({ timestampMs, ...content }))),
  }
}

function assertRequestToSign(key: unknown, method: unknown, path: unknown): void {
  if (!isIntegratorKey(key)) throw new TypeError('key must be visible ASCII without a comma')
  assertWellFormed('method', method)
  if (!isMethod(method)) throw new TypeError('method must be a token of RFC 9110 without a full stop')
  assertWellFormed('path', path)
  if (!isPath(path)) throw new TypeError('path must not be empty, nor hold a space or a control character')
}

/** By its HMAC a content is remembered in little space, and apart from the same content under another secret. */
function unusedTimestampMs(contentMac: string, nowMs: number): number {
  if (parseTimestampMs(String(nowMs)) === undefined) throw new TypeError('nowMs must be Unix milliseconds of 13 digits')
  return usedTimestamps.next(contentMac, nowMs)
}

function hmacHex(secret: string, message: string): string {
  return createHmac('sha256', secret).update(message).digest('hex')
}
