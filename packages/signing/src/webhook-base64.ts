import { Buffer } from 'node:buffer'

/**
 * Strict base64 (RFC 4648 §4): padded, no whitespace, no foreign character, and the unused bits of the last character
 * zero. Buffer skips all of these in silence; what encodes back to itself is the one text for its bytes.
 */
export function decodeBase64(text: string): Buffer | undefined {
  // Not Buffer.from: key bytes stay out of the pool that unrelated buffers are cut from.
  const bytes = Buffer.alloc(Buffer.byteLength(text, 'base64'))
  bytes.write(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}
