import { crc32 } from 'node:zlib'
import type { System } from './system.ts'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** `length` unbiased random digits: bytes past the last whole multiple of 62 are thrown away. */
function randomBase62(system: System, length: number): string {
  let digits = ''
  while (digits.length < length) {
    for (const byte of system.randomBytes(length)) {
      if (byte < 248 && digits.length < length) digits += alphabet[byte % 62]
    }
  }
  return digits
}

const checksumDigits = 6

/** `length` random digits and their CRC-32 (IEEE) as six more: a scanner tells a real one from noise offline. */
export function randomWithChecksum(system: System, length: number): string {
  const random = randomBase62(system, length)
  return `${random}${checksum(random)}`
}

export function hasChecksum(digits: string): boolean {
  return digits.slice(-checksumDigits) === checksum(digits.slice(0, -checksumDigits))
}

function checksum(digits: string): string {
  return base62(crc32(digits), checksumDigits)
}

/** Most significant digit first, zero-padded to `width`. */
function base62(value: number, width: number): string {
  let rest = value
  let digits = ''
  while (rest > 0) {
    digits = `${alphabet[rest % 62]}${digits}`
    rest = Math.floor(rest / 62)
  }
  return digits.padStart(width, '0')
}

/** The id of a resource that is no identity secret: `ws_`, `tok_`, … and 20 random digits (119 bits). */
export function randomId<Prefix extends string>(prefix: Prefix, system: System): `${Prefix}_${string}` {
  return `${prefix}_${randomBase62(system, 20)}`
}
