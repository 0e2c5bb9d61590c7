import { signJwt, signUserHash } from '@cutover/signing'
import type { DemoCalls } from './demo-calls.ts'
import { type DemoSource, pickSource } from './demo-sources.ts'

const everyMs = 300
const failingShare = 0.07
const users = 5000

/** The secret that traffic leaves, and the one that takes its place. */
export interface DemoRotation {
  readonly old: string
  readonly next: string
  readonly beganMs: number
}

/**
 * Clients that sign their users in, a few a second, each with the secret that it has at that moment. Some sign wrongly.
 * Returns what ends them.
 */
export function runClients(calls: DemoCalls, rotation: DemoRotation, nowMs: () => number): () => Promise<void> {
  let underWay: Promise<unknown> = Promise.resolve()
  const timer = setInterval(() => {
    const payload = questionOf(rotation, nowMs())
    // A server that is stopping, or whose store is away, refuses: the next one tries again.
    underWay = calls.send('POST', '/v1/verifications', { payload }).catch(() => {})
  }, everyMs).unref()
  return async () => {
    clearInterval(timer)
    await underWay
  }
}

function questionOf(rotation: DemoRotation, nowMs: number): object {
  const source = pickSource(Math.random())
  const secret = secretOf(source, rotation, nowMs)
  const userId = `user_${Math.floor(Math.random() * users)}`
  const asked = { platform: source.platform, source: source.name, userId }
  if (Math.random() < failingShare) return { ...asked, ...mistake(secret, userId, nowMs) }
  if (source.platform === 'web') return { ...asked, userHash: signUserHash(secret, userId) }
  return { ...asked, jwt: signJwt(secret, { user_id: userId, exp: Math.floor(nowMs / 1000) + 300 }) }
}

function secretOf({ movesAfterMs }: DemoSource, { old, next, beganMs }: DemoRotation, nowMs: number): string {
  return nowMs - beganMs < movesAfterMs ? old : next
}

/** What backends get wrong. */
function mistake(secret: string, userId: string, nowMs: number): object {
  const expired = signJwt(secret, { user_id: userId, exp: Math.floor(nowMs / 1000) - 900 })
  const mistakes = [
    {},
    {},
    { userHash: signUserHash(secret, `${userId} `) },
    { userHash: signUserHash(`${secret}\n`, userId) },
    { jwt: expired },
    { jwt: `${expired}=` },
  ]
  return mistakes[Math.floor(Math.random() * mistakes.length)] ?? {}
}
