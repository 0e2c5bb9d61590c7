import { hash, randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { hasTokenChecksum } from '@cutover/signing'
import { describe, expect, it } from 'vitest'
import { LookupPool } from '../lookup-pool.ts'
import type { Credential } from './access-token.ts'
import { mayDo } from './access-token.ts'
import { CredentialCache } from './credential-cache.ts'
import { hasTokenShape, isWeakToken, makeAccessToken, tokenHash } from './token-format.ts'
import { TokenUses } from './token-uses.ts'

const system = { nowMs: () => 1000, randomBytes }

function credential(overrides: Partial<Credential> = {}): Credential {
  return {
    tokenId: 'tok_a',
    tokenName: 'a test',
    workspaceId: null,
    scopes: new Set(),
    environment: null,
    expiresAtMs: null,
    ...overrides,
  }
}

describe('an access token', () => {
  it('is cut_, 32 random base62 digits and six of their CRC-32, most significant first', () => {
    const token = makeAccessToken({ ...system, randomBytes: (length) => new Uint8Array(length).fill(61) })
    expect(token.slice(0, 36)).toBe(`cut_${'z'.repeat(32)}`)
    const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
    const checksum = [...token.slice(36)].reduce((value, digit) => value * 62 + digits.indexOf(digit), 0)
    expect(checksum).toBe(crc32('z'.repeat(32)))
  })

  it('has its shape and its checksum, and any one other character has not', () => {
    const token = makeAccessToken(system)
    expect([hasTokenShape(token), hasTokenChecksum(token), isWeakToken(token)]).toEqual([true, true, false])
    for (let index = 4; index < token.length; index += 1) {
      const digit = token[index] === 'a' ? 'b' : 'a'
      expect(hasTokenChecksum(token.slice(0, index) + digit + token.slice(index + 1))).toBe(false)
    }
    for (const text of ['', token.slice(1), `${token}0`, `${token.slice(0, -1)}-`, `${token}\n`]) {
      expect(hasTokenShape(text)).toBe(false)
    }
  })

  it('draws its digits without bias: bytes past the last whole multiple of 62 are thrown away', () => {
    const bytes = [255, 248, 247, 0, 61, 62]
    const token = makeAccessToken({
      ...system,
      randomBytes: (length) => Uint8Array.from({ length }, (_, i) => bytes[i % 6] ?? 0),
    })
    expect(token.slice(4, 12)).toBe('z0z0z0z0')
  })

  it('is kept as the SHA-256 of its ASCII', () => {
    const token = makeAccessToken(system)
    expect(tokenHash(token)).toBe(hash('sha256', token, 'base64url'))
  })

  it('reads everything with read_all, and writes nothing with it', () => {
    const scopes = new Set(['read_all'] as const)
    expect(mayDo(credential({ scopes }), 'read_audit_log')).toBe(true)
    expect(mayDo(credential({ scopes }), 'write_settings')).toBe(false)
    expect(mayDo(credential({ scopes }), 'verify')).toBe(false)
  })
})

describe('the credential cache', () => {
  function cacheOver(find: (hash: string) => Promise<Credential | null>) {
    const looked: string[] = []
    const clock = { nowMs: 1000 }
    const reader = {
      findByHash: (each: string) => {
        looked.push(each)
        return find(each)
      },
      isLive: async () => true,
    }
    return {
      cache: new CredentialCache(
        reader,
        new LookupPool({ running: 4, waiting: 10 }),
        new TokenUses({ record: async () => {} }),
        {
          ...system,
          nowMs: () => clock.nowMs,
        },
        { isHeld: () => true },
      ),
      looked,
      clock,
    }
  }

  it('asks the store once for a good token, and never for noise', async () => {
    const { cache, looked } = cacheOver(async () => credential())
    const token = makeAccessToken(system)
    for (let turn = 0; turn < 3; turn += 1) expect((await cache.authenticate(token))?.credential.tokenId).toBe('tok_a')
    for (const noise of ['', 'x', `${token}0`, `cut_${'0'.repeat(38)}`])
      expect(await cache.authenticate(noise)).toBeNull()
    expect(looked).toEqual([tokenHash(token)])
  })

  it('accepts a token until its last millisecond and refuses it at its end', async () => {
    const { cache, clock } = cacheOver(async () => credential({ expiresAtMs: 2000 }))
    const token = makeAccessToken(system)
    clock.nowMs = 1999
    const authenticated = await cache.authenticate(token)
    expect(authenticated).not.toBeNull()
    clock.nowMs = 2000
    expect(authenticated && cache.isCurrent(authenticated)).toBe(false)
    expect(await cache.authenticate(token)).toBeNull()
  })

  it('does not keep what a change of tokens overtook while it was looked up', async () => {
    const answers: ((found: Credential | null) => void)[] = []
    const { cache } = cacheOver(() => new Promise((resolve) => answers.push(resolve)))
    const token = makeAccessToken(system)
    const first = cache.authenticate(token)
    cache.apply({ epoch: 2, workspaceId: null, part: 'access_tokens' })
    answers[0]?.(credential())
    const authenticated = await first
    expect(authenticated && cache.isCurrent(authenticated)).toBe(false)
    const second = cache.authenticate(token)
    answers[1]?.(credential({ tokenName: 'as it is now' }))
    expect((await second)?.credential.tokenName).toBe('as it is now')
    expect((await cache.authenticate(token))?.credential.tokenName).toBe('as it is now')
  })

  it('forgets every credential when tokens change, and none when a keyset does', async () => {
    const { cache, looked } = cacheOver(async () => credential())
    const token = makeAccessToken(system)
    await cache.authenticate(token)
    cache.apply({ epoch: 2, workspaceId: 'ws_a', part: 'keyset' })
    await cache.authenticate(token)
    expect(looked).toHaveLength(1)
    cache.apply({ epoch: 3, workspaceId: 'ws_a', part: 'access_tokens' })
    await cache.authenticate(token)
    expect(looked).toHaveLength(2)
  })
})
