import { tokenChecksum } from '@cutover/signing'
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

/** `length` random digits and their checksum as six more: a scanner tells a real one from noise offline. */
export function randomWithChecksum(system: System, length: number): string {
  const random = randomBase62(system, length)
  return `${random}${tokenChecksum(random)}`
}

/** The id of a resource that is no identity secret: `ws_`, `tok_`, … and 20 random digits (119 bits). */
export function randomId<Prefix extends string>(prefix: Prefix, system: System): `${Prefix}_${string}` {
  return `${prefix}_${randomBase62(system, 20)}`
}
