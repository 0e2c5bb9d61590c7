import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { LookupPool } from '../lookup-pool.ts'
import type { Credential } from './access-token.ts'
import { CredentialCache } from './credential-cache.ts'
import { makeAccessToken, tokenHash } from './token-format.ts'
import { TokenUses } from './token-uses.ts'

const system = { nowMs: () => 1000, randomBytes }

const credential: Credential = {
  tokenId: 'tok_a',
  tokenName: 'a test',
  workspaceId: null,
  scopes: new Set(),
  environment: null,
  expiresAtMs: null,
}

/** A cache over a store that knows `good`, and counts what it is asked. */
function cacheKnowing(good: Set<string>) {
  const asked: string[] = []
  const reader = {
    async findByHash(hash: string) {
      asked.push(hash)
      return good.has(hash) ? credential : null
    },
  }
  return {
    cache: new CredentialCache(
      reader,
      new LookupPool({ running: 1, waiting: 1000 }),
      new TokenUses({ record: async () => {} }),
      system,
      { isHeld: () => true },
    ),
    asked,
  }
}

const forbidden = () => {
  throw new Error('forbidden')
}

describe('a lookup that is not allowed', () => {
  it('does not reach the store, and refuses nobody whose token is in memory', async () => {
    const [good, unknown] = [makeAccessToken(system), makeAccessToken(system)]
    const { cache, asked } = cacheKnowing(new Set([tokenHash(good)]))
    expect(cache.recall(good)).toBeUndefined()
    await expect(cache.lookUp(good, forbidden)).rejects.toThrow('forbidden')
    await expect(cache.lookUp(unknown, forbidden)).rejects.toThrow('forbidden')
    expect(asked).toEqual([])
    await cache.lookUp(good, () => {})
    expect(cache.recall(good)).toMatchObject({ credential })
  })

  it('is refused in its turn, too: what waited learns of what was found no good before it', async () => {
    const { cache, asked } = cacheKnowing(new Set())
    let refused = 0
    const untilThree = () => {
      if (refused >= 3) forbidden()
    }
    const lookUps = Array.from({ length: 100 }, async () => {
      const found = await cache.lookUp(makeAccessToken(system), untilThree)
      if (found === null) refused += 1
    })
    const outcomes = await Promise.allSettled(lookUps)
    // One more may have had its turn before the third was counted.
    expect(asked.length).toBeGreaterThanOrEqual(3)
    expect(asked.length).toBeLessThanOrEqual(4)
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(100 - asked.length)
  })

  it('is made all the same for a token that was good before the cache was emptied, until it turns out revoked', async () => {
    const token = makeAccessToken(system)
    const good = new Set([tokenHash(token)])
    const { cache, asked } = cacheKnowing(good)
    await cache.authenticate(token)
    cache.dropAll()
    expect(await cache.lookUp(token, forbidden)).toMatchObject({ credential })
    cache.dropAll()
    good.clear()
    expect(await cache.lookUp(token, forbidden)).toBeNull()
    await expect(cache.lookUp(token, forbidden)).rejects.toThrow('forbidden')
    expect(asked).toHaveLength(3)
  })
})
