import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { MasterKeyState } from '../signing-secrets/ports.ts'
import { makeKeyCheck, type StoredKeyCheck, verifyKeyChecks } from './key-check.ts'
import { type MasterKey, MasterKeyError, parseMasterKeys } from './master-keys.ts'

function freshKey(kid: string): MasterKey {
  const key = { kty: 'oct', kid, k: randomBytes(32).toString('base64url') }
  return parseMasterKeys(JSON.stringify({ keys: [key] }), 'a key of this test')[0]
}

const [old, current] = [freshKey('old'), freshKey('current')]
const wrongCurrent = new MasterKeyError(
  'The configured master key current is not the one of that name that this store was sealed with: configure that one',
)

async function storedCheck(key: MasterKey, state: MasterKeyState = 'admitted'): Promise<StoredKeyCheck> {
  return { ...(await makeKeyCheck(key)), state }
}

describe('verifyKeyChecks', () => {
  it('accepts the keys that the store was sealed with, in any order, and names those it has not seen', async () => {
    const checks = [await storedCheck(old), await storedCheck(current)]
    expect(await verifyKeyChecks([current, old], checks)).toEqual([])
    expect(await verifyKeyChecks([current, old], checks.slice(0, 1))).toEqual([current])
    expect(await verifyKeyChecks([current, old], [])).toEqual([current, old])
  })

  it('refuses a wrong key under the right name', async () => {
    await expect(verifyKeyChecks([freshKey('current')], [await storedCheck(current)])).rejects.toEqual(wrongCurrent)
  })

  it('refuses when a key that the store was sealed with is missing, and names it on one line', async () => {
    const checks = [await storedCheck(current), await storedCheck(old)]
    await expect(verifyKeyChecks([current], checks)).rejects.toEqual(
      new MasterKeyError('This store was sealed with master key old, which is not configured: add it again'),
    )
    await expect(verifyKeyChecks([current], [{ kid: 'a\nb', checkValue: '', state: 'retired' }])).rejects.toEqual(
      new MasterKeyError('This store was sealed with master key "a\\nb", which is not configured: add it again'),
    )
  })

  it('does without a key under which nothing is sealed, but not with another one of its name', async () => {
    expect(await verifyKeyChecks([old], [await storedCheck(old), await storedCheck(current, 'known')])).toEqual([])
    const checks = [await storedCheck(old), await storedCheck(current, 'known')]
    await expect(verifyKeyChecks([old, freshKey('current')], checks)).rejects.toEqual(wrongCurrent)
  })

  it('refuses two keys whose names were exchanged', async () => {
    const checks = [await storedCheck(current), await storedCheck(old)]
    const exchanged = [
      { ...old, kid: 'current' },
      { ...current, kid: 'old' },
    ] as const
    await expect(verifyKeyChecks(exchanged, checks)).rejects.toEqual(wrongCurrent)
  })

  it('refuses a check value of another key, or a damaged one', async () => {
    const { checkValue } = await storedCheck(old)
    await expect(verifyKeyChecks([current, old], [{ kid: 'current', checkValue, state: 'admitted' }])).rejects.toEqual(
      wrongCurrent,
    )
    const damaged = [{ kid: 'current', checkValue: 'damaged', state: 'admitted' }] as const
    await expect(verifyKeyChecks([current], damaged)).rejects.toEqual(wrongCurrent)
  })
})
