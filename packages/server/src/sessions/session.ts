import { hash } from 'node:crypto'
import type { AccessTokenId } from '../access-tokens/access-token.ts'
import type { System } from '../system.ts'

/** How it is named in lists and records: nobody gets in with it. */
export type SessionId = `ses_${string}`

/** A browser's stand-in for an access token. The type has no place for what the browser presents, nor for its hash. */
export interface Session {
  readonly id: SessionId
  readonly tokenId: AccessTokenId
  readonly createdAtMs: number
  /** As far as it was sampled when this was read. */
  readonly lastUsedMs: number
  /** No later than the end that the token had when it began. */
  readonly expiresAtMs: number
}

export const sessionIdleMs = 8 * 3_600_000
const sessionLifeMs = 24 * 3_600_000

/** Live ones of one token: past that, the one that began first ends. */
export const maxSessionsOfToken = 50

const keyBytes = 32
const keyShape = /^[0-9A-Za-z_-]{43}$/

/** What the browser presents: 256 random bits, base64url. */
export function makeSessionKey(system: System): string {
  return Buffer.from(system.randomBytes(keyBytes)).toString('base64url')
}

export function hasKeyShape(text: string): boolean {
  return keyShape.test(text)
}

/** What the store keeps of a key: SHA-256 over its ASCII, base64url. */
export function sessionKeyHash(key: string): string {
  return hash('sha256', key, 'base64url')
}

/** A day, or until the token ends. */
export function sessionEndMs(nowMs: number, tokenEndMs: number | null): number {
  return Math.min(nowMs + sessionLifeMs, tokenEndMs ?? Number.POSITIVE_INFINITY)
}

/** Half-open, both: at the last moment of its idle life, and of its whole life, it is already refused. */
export function isWithinLife({ expiresAtMs, lastUsedMs }: Session, nowMs: number): boolean {
  return nowMs < expiresAtMs && nowMs < lastUsedMs + sessionIdleMs
}
