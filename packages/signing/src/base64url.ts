import { Buffer } from 'node:buffer'

/**
 * Strict base64url (RFC 4648 §5, RFC 7515 §2): no padding, no whitespace, no foreign character, and the unused bits of
 * the last character zero. Buffer skips all of these in silence, so two texts could stand for one signature; what
 * encodes back to itself is the one text for its bytes.
 */
export function decodeBase64url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}

export function encodeBase64url(text: string): string {
  return Buffer.from(text).toString('base64url')
}
