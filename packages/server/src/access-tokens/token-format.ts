import { hash } from 'node:crypto'
import { randomWithChecksum } from '../base62.ts'
import type { System } from '../system.ts'

const shape = /^cut_[0-9A-Za-z]{38}$/
const randomDigits = 32
export const tokenLength = 'cut_'.length + randomDigits + 6

/** `cut_`, 32 random base62 digits (190 bits), and their CRC-32 (IEEE) as six base62 digits. */
export function makeAccessToken(system: System): string {
  return `cut_${randomWithChecksum(system, randomDigits)}`
}

export function hasTokenShape(text: string): boolean {
  return shape.test(text)
}

/** What the store keeps of a token: SHA-256 over its ASCII, base64url. */
export function tokenHash(token: string): string {
  return hash('sha256', token, 'base64url')
}

/** A token that a person made up: of real random digits fewer than 12 different ones come once in 10^12 tokens. */
export function isWeakToken(token: string): boolean {
  return new Set(token.slice(4, 4 + randomDigits)).size < 12
}
