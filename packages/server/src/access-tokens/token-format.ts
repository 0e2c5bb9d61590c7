import { hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { base62, randomBase62 } from '../base62.ts'
import type { System } from '../system.ts'

const shape = /^cut_[0-9A-Za-z]{38}$/
const randomDigits = 32
const checksumDigits = 6

/** `cut_`, 32 random base62 digits (190 bits), and their CRC-32 (IEEE) as six base62 digits. */
export function makeAccessToken(system: System): string {
  const random = randomBase62(system, randomDigits)
  return `cut_${random}${checksum(random)}`
}

export function hasTokenShape(text: string): boolean {
  return shape.test(text)
}

/** Noise is told from a real token without asking the store. */
export function hasTokenChecksum(token: string): boolean {
  const random = token.slice(4, 4 + randomDigits)
  return token.slice(4 + randomDigits) === checksum(random)
}

/** What the store keeps of a token: SHA-256 over its ASCII, base64url. */
export function tokenHash(token: string): string {
  return hash('sha256', token, 'base64url')
}

/** A token that a person made up: of real random digits fewer than 12 different ones come once in 10^12 tokens. */
export function isWeakToken(token: string): boolean {
  return new Set(token.slice(4, 4 + randomDigits)).size < 12
}

function checksum(random: string): string {
  return base62(crc32(random), checksumDigits)
}
