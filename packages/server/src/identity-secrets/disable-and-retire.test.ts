import { describe, expect, it } from 'vitest'
import { createPostgresDatabase } from '../../../../test-support/databases.ts'
import { createTemporaryDirectory } from '../../../../test-support/temporary-directory.ts'
import { IdentitySecrets, isoTime } from '../../test/identity-secrets.ts'
import { engines, type InProcess, startInProcess } from '../../test/in-process.ts'

async function prepare(cutover: InProcess) {
  const secrets = new IdentitySecrets(cutover)
  const { id, secret } = await secrets.create()
  return { secrets, id, secret, beginMs: cutover.clock.nowMs }
}

/** Data directory and database of an installation that is started more than once. */
async function places(engine: (typeof engines)[number]): Promise<Readonly<Record<string, string>> & AsyncDisposable> {
  const directory = await createTemporaryDirectory()
  const database = engine === 'postgres' ? await createPostgresDatabase() : null
  const environment: Record<string, string> = {
    CUTOVER_DATA_DIR: directory.path,
    ...(database ? { CUTOVER_DATABASE_URL: database.url } : {}),
  }
  return Object.defineProperty(environment, Symbol.asyncDispose, {
    value: async () => {
      await database?.drop()
      await directory.remove()
    },
  }) as typeof environment & AsyncDisposable // sound: that is what was just defined
}

describe.each(engines)('a disabled secret on %s', (engine) => {
  it('is refused from the answer on, and accepted again from the answer to its enable on', async () => {
    await using cutover = await startInProcess({ engine })
    const { secrets, id, secret, beginMs } = await prepare(cutover)
    expect(await secrets.verifies(secret)).toBe(true)
    cutover.clock.nowMs += 5
    expect(await secrets.after(id, 'disable')).toMatchObject({
      state: 'disabled',
      disabledAt: isoTime(beginMs + 5),
      enableAt: null,
    })
    expect(await secrets.verifiesWarmAndCold(secret)).toEqual([false, false])
    cutover.clock.nowMs += 365 * 86_400_000
    expect(await secrets.verifies(secret)).toBe(false)
    expect(await secrets.after(id, 'enable')).toMatchObject({ state: 'active', disabledAt: null, enableAt: null })
    expect(await secrets.verifiesWarmAndCold(secret)).toEqual([true, true])
    expect((await secrets.entries(id)).map(({ action }) => action)).toEqual([
      'identity_secret.created',
      'identity_secret.disabled',
      'identity_secret.enabled',
    ])
  })

  it('with revertAfterSeconds comes back by itself: refused a millisecond before, accepted at that very moment', async () => {
    await using cutover = await startInProcess({ engine })
    const { secrets, id, secret, beginMs } = await prepare(cutover)
    const enableAtMs = beginMs + 60_000
    expect(await secrets.verifies(secret)).toBe(true)
    expect(await secrets.after(id, 'disable', { revertAfterSeconds: 60 })).toMatchObject({
      state: 'disabled',
      disabledAt: isoTime(beginMs),
      enableAt: isoTime(enableAtMs),
    })
    const at = async (nowMs: number) => {
      cutover.clock.nowMs = nowMs
      return secrets.verifiesWarmAndCold(secret)
    }
    expect(await at(beginMs)).toEqual([false, false])
    expect(await at(enableAtMs - 1)).toEqual([false, false])
    expect(await at(enableAtMs)).toEqual([true, true])
    expect(await at(enableAtMs - 1)).toEqual([false, false])
    cutover.clock.nowMs = enableAtMs
    expect(await secrets.read(id)).toMatchObject({ state: 'active', disabledAt: null, enableAt: null })
    expect((await secrets.list()).data).toMatchObject([{ id, state: 'active' }])
  })

  it('comes back at the same moment when the server was restarted meanwhile', async () => {
    await using environment = await places(engine)
    const first = await startInProcess({ environment })
    const { id, secret, beginMs } = await prepare(first)
    await new IdentitySecrets(first).after(id, 'disable', { revertAfterSeconds: 3600 })
    await first[Symbol.asyncDispose]()

    const second = await startInProcess({ environment })
    await using _ = second
    const call = second.call.bind(second)
    const secrets = new IdentitySecrets({ ...second, call: (request) => call({ ...request, token: first.token }) })
    const at = (nowMs: number) => {
      second.clock.nowMs = nowMs
      return secrets.verifies(secret)
    }
    expect(await at(beginMs + 3_600_000 - 1)).toBe(false)
    expect(await at(beginMs + 3_600_000)).toBe(true)
  })

  it('that was to come back does so at another time, at once or not at all when somebody says so later', async () => {
    await using cutover = await startInProcess({ engine })
    const { secrets, id, secret, beginMs } = await prepare(cutover)
    await secrets.after(id, 'disable', { revertAfterSeconds: 60 })
    cutover.clock.nowMs += 30_000
    expect(await secrets.after(id, 'disable', { revertAfterSeconds: 60 })).toMatchObject({
      disabledAt: isoTime(beginMs),
      enableAt: isoTime(beginMs + 90_000),
    })
    cutover.clock.nowMs = beginMs + 60_000
    expect(await secrets.verifies(secret)).toBe(false)
    expect((await secrets.after(id, 'enable')).state).toBe('active')
    expect(await secrets.verifies(secret)).toBe(true)

    await secrets.after(id, 'disable', { revertAfterSeconds: 60 })
    expect((await secrets.after(id, 'disable')).enableAt).toBeNull()
    cutover.clock.nowMs += 86_400_000
    expect(await secrets.verifiesWarmAndCold(secret)).toEqual([false, false])
  })

  it('that has come back by itself is disabled anew like any other', async () => {
    await using cutover = await startInProcess({ engine })
    const { secrets, id, secret, beginMs } = await prepare(cutover)
    await secrets.after(id, 'disable', { revertAfterSeconds: 60 })
    cutover.clock.nowMs += 100_000
    expect((await secrets.after(id, 'disable')).disabledAt).toBe(isoTime(beginMs + 100_000))
    expect(await secrets.verifies(secret)).toBe(false)
  })
})

describe.each(engines)('a retiring secret on %s', (engine) => {
  it('is accepted until its last millisecond and refused at its end, with a warm cache and a cold one', async () => {
    await using cutover = await startInProcess({ engine })
    const { secrets, id, secret, beginMs } = await prepare(cutover)
    const endMs = beginMs + 1000
    expect(await secrets.verifies(secret)).toBe(true)
    const retired = await secrets.after(id, 'retire', { afterSeconds: 1 })
    expect(retired).toMatchObject({ state: 'retiring', expiresAt: isoTime(endMs) })
    const at = async (nowMs: number) => {
      cutover.clock.nowMs = nowMs
      return [...(await secrets.verifiesWarmAndCold(secret)), (await secrets.read(id)).state]
    }
    expect(await at(endMs - 1)).toEqual([true, true, 'retiring'])
    expect(await at(endMs)).toEqual([false, false, 'expired'])
    expect(await at(endMs + 86_400_000)).toEqual([false, false, 'expired'])
  })

  it('with afterSeconds 0 is refused from the answer on, by a node whose clock is behind as well', async () => {
    await using cutover = await startInProcess({ engine })
    const { secrets, id, secret, beginMs } = await prepare(cutover)
    expect(await secrets.verifies(secret)).toBe(true)
    const retired = await secrets.after(id, 'retire', { afterSeconds: 0 })
    expect(retired).toMatchObject({ state: 'expired', expiresAt: isoTime(beginMs), disabledAt: null })
    expect(await secrets.verifiesWarmAndCold(secret)).toEqual([false, false])
    cutover.clock.nowMs -= 500
    expect(await secrets.verifiesWarmAndCold(secret)).toEqual([false, false])
  })

  it('retired again ends at the time that was said last, earlier or later', async () => {
    await using cutover = await startInProcess({ engine })
    const { secrets, id, secret, beginMs } = await prepare(cutover)
    await secrets.after(id, 'retire', { afterSeconds: 60 })
    expect((await secrets.after(id, 'retire', { afterSeconds: 120 })).expiresAt).toBe(isoTime(beginMs + 120_000))
    cutover.clock.nowMs = beginMs + 60_000
    expect(await secrets.verifies(secret)).toBe(true)
    await secrets.after(id, 'retire', { afterSeconds: 10 })
    cutover.clock.nowMs = beginMs + 70_000
    expect(await secrets.verifies(secret)).toBe(false)
  })

  it('whose retirement is canceled has no end, until the moment when it has ended', async () => {
    await using cutover = await startInProcess({ engine })
    const { secrets, id, secret, beginMs } = await prepare(cutover)
    const endMs = beginMs + 60_000
    await secrets.after(id, 'retire', { afterSeconds: 60 })
    cutover.clock.nowMs = endMs - 1
    expect(await secrets.after(id, 'cancel-retirement')).toMatchObject({ state: 'active', expiresAt: null })
    cutover.clock.nowMs = endMs + 1
    expect(await secrets.verifiesWarmAndCold(secret)).toEqual([true, true])
    expect((await secrets.entries(id)).at(-1)).toMatchObject({
      action: 'identity_secret.retirement_canceled',
      metadata: { wasToExpireAt: isoTime(endMs) },
    })
    await secrets.after(id, 'retire', { afterSeconds: 60 })
    cutover.clock.nowMs += 60_000
    const late = await secrets.act(id, 'cancel-retirement')
    expect([late.statusCode, late.json().code, late.json().detail]).toEqual([
      ...[409, 'invalid_state', 'The secret is expired'],
    ])
    expect(await secrets.verifies(secret)).toBe(false)
  })

  it('that is disabled as well comes back only for what is left of its time', async () => {
    await using cutover = await startInProcess({ engine })
    const { secrets, id, secret, beginMs } = await prepare(cutover)
    await secrets.after(id, 'retire', { afterSeconds: 120 })
    await secrets.after(id, 'disable', { revertAfterSeconds: 60 })
    const at = async (nowMs: number) => {
      cutover.clock.nowMs = nowMs
      return [...(await secrets.verifiesWarmAndCold(secret)), (await secrets.read(id)).state]
    }
    expect(await at(beginMs + 59_999)).toEqual([false, false, 'disabled'])
    expect(await at(beginMs + 60_000)).toEqual([true, true, 'retiring'])
    expect(await at(beginMs + 119_999)).toEqual([true, true, 'retiring'])
    expect(await at(beginMs + 120_000)).toEqual([false, false, 'expired'])
  })
})
