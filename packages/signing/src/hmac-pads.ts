import { Buffer, isAscii } from 'node:buffer'
import { hash } from 'node:crypto'

const BLOCK_BYTES = 64
const DIGEST_BYTES = 32

/**
 * The two padded keys of RFC 2104, computed once. Each is a string of 64 characters, one for each byte: the smallest
 * form there is, and a server keeps hundreds of thousands of them.
 */
export interface HmacKey {
  readonly innerPad: string
  readonly outerPad: string
  /** Only then are the characters of `innerPad` single bytes in UTF-8 too. */
  readonly innerPadIsAscii: boolean
}

/** RFC 2104: a key longer than a block is hashed first. */
export function prepareHmacKey(key: Uint8Array): HmacKey {
  const block = Buffer.alloc(BLOCK_BYTES)
  block.set(key.length > BLOCK_BYTES ? hash('sha256', key, 'buffer') : key)
  return { innerPad: padBlock(block, 0x36), outerPad: padBlock(block, 0x5c), innerPadIsAscii: isAscii(block) }
}

function padBlock(block: Buffer, byte: number): string {
  const padded = Buffer.alloc(BLOCK_BYTES, byte)
  for (const [at, keyByte] of block.entries()) padded[at] = keyByte ^ byte
  return padded.toString('latin1')
}

const outerMessage = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES)
const innerDigestSlot = outerMessage.subarray(BLOCK_BYTES)

/**
 * HMAC-SHA256 (RFC 2104) as a Latin-1 string of 32 characters: making a buffer for a digest costs more than the digest.
 * A message that is a string is taken as UTF-8 and must hold no lone surrogate.
 */
export function hmacSha256(key: HmacKey, message: string | Uint8Array): string {
  const innerDigest =
    typeof message === 'string' && key.innerPadIsAscii
      ? hash('sha256', key.innerPad + message, 'latin1')
      : innerDigestOverBytes(key, Buffer.from(message))
  outerMessage.write(key.outerPad, 'latin1')
  innerDigestSlot.write(innerDigest, 'latin1')
  return hash('sha256', outerMessage, 'latin1')
}

function innerDigestOverBytes(key: HmacKey, message: Buffer): string {
  // Buffer.alloc, not Buffer.concat: key bytes stay out of the pool that unrelated buffers are cut from.
  const padded = Buffer.alloc(BLOCK_BYTES + message.length)
  padded.write(key.innerPad, 'latin1')
  padded.set(message, BLOCK_BYTES)
  return hash('sha256', padded, 'latin1')
}
