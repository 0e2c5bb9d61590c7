import { hash } from 'node:crypto'
import { assertWellFormed } from './well-formed.ts'

/** How far a timestamp may be from the verifier's clock, on either side and inclusive. */
export const MAX_SKEW_MS = 300_000

const PREFIX = 'sha256='

/** The parts of the string to sign, the timestamp in Unix milliseconds. */
interface SignedParts {
  readonly timestampMs: number
  readonly method: string
  readonly path: string
  readonly bodySha256: string
}

/**
 * One string is one request only: 13 digits, a method without a full stop, a digest of 64 digits at the end, and
 * whatever lies between them is the path. Hence the checks below, of signer and verifier alike.
 */
export function stringToSign({ timestampMs, ...content }: SignedParts): string {
  return `${timestampMs}.${contentToSign(content)}`
}

/** What stays the same when a request is signed again. */
export function contentToSign({ method, path, bodySha256 }: Omit<SignedParts, 'timestampMs'>): string {
  return `${method.toUpperCase()}.${path}.${bodySha256}`
}

/** Unix milliseconds from 2001 to 2286, of which each has one form: no sign, exponent, fraction or leading zero. */
export function parseTimestampMs(text: unknown): number | undefined {
  return typeof text === 'string' && /^[1-9][0-9]{12}$/.test(text) ? Number(text) : undefined
}

/** The hex digits. Lowercase alone: a signature that is accepted once must not have a second form. */
export function parseSignature(text: unknown): string | undefined {
  return typeof text === 'string' && /^sha256=[0-9a-f]{64}$/.test(text) ? text.slice(PREFIX.length) : undefined
}

export function formatSignature(hex: string): string {
  return PREFIX + hex
}

/**
 * A token of RFC 9110 §5.6.2, but without the full stop. With it, what was signed as `GET.a` of `/b` would also be
 * `GET` of `a./b`. ASCII alone: upper-casing knows letters outside of it that become two, or others by locale.
 */
export function isMethod(method: string): boolean {
  return /^[!#$%&'*+\-^_`|~0-9A-Za-z]+$/.test(method)
}

/** Not empty, no space or control character of ASCII, where RFC 9112 §3 ends a request target; no lone surrogate. */
export function isPath(path: string): boolean {
  return /^[!-~\x80-\ud7ff\ue000-\u{10ffff}]+$/u.test(path)
}

export function isBodySha256(digest: string): boolean {
  return /^[0-9a-f]{64}$/.test(digest)
}

/** Visible ASCII; no comma, with which Node and Fetch join two headers into one. */
export function isIntegratorKey(key: unknown): key is string {
  return typeof key === 'string' && /^[!-+\--~]+$/.test(key)
}

/**
 * The digest of a raw body that goes into a request signature: SHA-256 as 64 lowercase hex digits.
 *
 * @param body - what is sent or was received, byte for byte; a string is its UTF-8 bytes. None is the empty one.
 * @throws TypeError for anything else, such as a body that was parsed already, and for a lone surrogate.
 */
export function bodySha256(body: string | Uint8Array = ''): string {
  // What a caller without types may pass.
  if (typeof body !== 'string' && !ArrayBuffer.isView(body)) {
    throw new TypeError('body must be the raw bytes or the text that is sent, before it is parsed')
  }
  if (typeof body === 'string') assertWellFormed('body', body)
  return hash('sha256', body, 'hex')
}
