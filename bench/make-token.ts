import { randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** As the contract has it: 32 digits of base62, and their CRC-32 as six more. */
export function makeToken(): string {
  const digits = [...randomBytes(32)].map((byte) => alphabet.charAt(byte % 62)).join('')
  let checksum = ''
  for (let rest = crc32(digits); checksum.length < 6; rest = Math.floor(rest / 62)) {
    checksum = `${alphabet.charAt(rest % 62)}${checksum}`
  }
  return `cut_${digits}${checksum}`
}
