import { createHmac, randomBytes } from 'node:crypto'

/** A user and the hash that vouches for it. */
export interface Signed {
  readonly userId: string
  readonly userHash: string
}

export function makeSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** Many different users: one alone would let compilers and caches remember the answer. */
export function signUsers(secret: string, count: number): readonly Signed[] {
  return Array.from({ length: count }, (_, index) => {
    const userId = `user_${100_000 + index}`
    return { userId, userHash: createHmac('sha256', secret).update(userId).digest('hex') }
  })
}

/** The same hash with its first digit changed. */
export function forge({ userId, userHash }: Signed): Signed {
  return { userId, userHash: `${userHash.startsWith('0') ? '1' : '0'}${userHash.slice(1)}` }
}
