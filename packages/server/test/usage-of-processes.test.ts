import type { Cutover, Usage } from '@cutover/contract'
import { describe, expect, it } from 'vitest'
import { type Caller, userHash } from './caller.ts'
import { createInstallation, engines, masterKeySet } from './installation.ts'

/** A use is in the store this long after it at the latest, and the time of an answer on a busy machine. */
const flushedAfterMs = 2000
const slackMs = 1500

async function countOf(caller: Caller, id: string): Promise<number> {
  const answer = await caller.call('GET', `/v1/identity-secrets/${id}/usage?bucket=day`)
  const { data }: Usage = JSON.parse(answer.text)
  return data.reduce((sum, { count }) => sum + count, 0)
}

async function cutoverOf(caller: Caller, id: string, quietSeconds: number): Promise<Cutover> {
  const answer = await caller.call('GET', `/v1/identity-secrets/${id}/cutover?quietSeconds=${quietSeconds}`)
  expect(answer.status).toBe(200)
  return JSON.parse(answer.text)
}

/** When each verification was answered, for as long as it takes. */
async function verifyFor(caller: Caller, secret: string, durationMs: number): Promise<readonly number[]> {
  const answeredAtMs: number[] = []
  const endMs = performance.now() + durationMs
  while (performance.now() < endMs) {
    expect((await caller.verify(secret)).verified).toBe(true)
    answeredAtMs.push(performance.now())
  }
  return answeredAtMs
}

describe.each(engines)('a process that is killed hard, on %s', (engine) => {
  it('takes the uses of its last two seconds with it at most, and the verdict says that it may have', async () => {
    const installation = await createInstallation(engine)
    const environment = { CUTOVER_LEASE_MS: '2000', CUTOVER_MASTER_KEYS: masterKeySet('shared') }
    const first = await installation.start(environment)
    const made = await first.caller.create('a')
    const answeredAtMs = await verifyFor(first.caller, made.secret, 5000)
    await first.kill('SIGKILL')
    const killedAtMs = performance.now()

    const second = await installation.start(environment)
    const sure = answeredAtMs.filter((atMs) => killedAtMs - atMs > flushedAfterMs + slackMs).length
    const counted = await countOf(second.caller, made.id)
    expect(sure).toBeGreaterThan(0)
    expect(counted).toBeGreaterThanOrEqual(sure)
    expect(counted).toBeLessThanOrEqual(answeredAtMs.length)
    const other = await second.caller.create('b')
    const verdictAfter = async (quietSeconds: number) => {
      await second.caller.verify(other.secret)
      return cutoverOf(second.caller, made.id, quietSeconds)
    }
    // What it may have seen last counts as a use; on PostgreSQL that can have been until its lease was over.
    await expect.poll(async () => (await verdictAfter(3)).verdict, { timeout: 30_000, interval: 200 }).toBe('safe')
    expect((await verdictAfter(1000)).verdict).toBe('in_use')
  }, 60_000)

  it('leaves a verdict that is unknown of a secret that was not used for long: it may have been at the end', async () => {
    const installation = await createInstallation(engine)
    const environment = { CUTOVER_LEASE_MS: '2000', CUTOVER_MASTER_KEYS: masterKeySet('shared') }
    const first = await installation.start(environment)
    const made = await first.caller.create('a')
    await first.kill('SIGKILL')
    const second = await installation.start(environment)
    await expect
      .poll(async () => (await cutoverOf(second.caller, made.id, 60)).why, { timeout: 15_000, interval: 200 })
      .toContain('A process ended without telling what it verified last')
    const deleted = await second.caller.call('DELETE', `/v1/identity-secrets/${made.id}?ifQuietForSeconds=60`)
    expect([deleted.status, JSON.parse(deleted.text).code]).toEqual([409, 'usage_unknown'])
  })
})

describe.each(engines)('a process that is stopped, on %s', (engine) => {
  it('writes every use before it ends, and leaves no doubt behind', async () => {
    const installation = await createInstallation(engine)
    const environment = { CUTOVER_MASTER_KEYS: masterKeySet('shared') }
    const first = await installation.start(environment)
    const made = await first.caller.create('a')
    const answered = await verifyFor(first.caller, made.secret, 300)
    await first.kill('SIGTERM')
    const second = await installation.start(environment)
    expect(await countOf(second.caller, made.id)).toBe(answered.length)
    const { why } = await cutoverOf(second.caller, made.id, 1)
    expect(why).not.toContain('A process ended')
  })
})

describe('two processes on PostgreSQL', () => {
  it('count together, to the last verification', async () => {
    const installation = await createInstallation('postgres')
    const environment = { CUTOVER_MASTER_KEYS: masterKeySet('shared') }
    const first = await installation.start(environment)
    const second = await installation.start(environment)
    const secrets = [await first.caller.create('a'), await first.caller.create('b'), await first.caller.create('c')]
    const platforms = ['web', 'ios', 'android']
    const ask = async ({ caller }: { caller: Caller }, batch: number) => {
      const items = Array.from({ length: 100 }, (_, index) => {
        const secret = secrets[(batch + index) % 3]?.secret ?? ''
        const source = `app-${(batch + 3 * index) % 5}`
        return { platform: platforms[index % 3], userId: 'u', userHash: userHash(secret, 'u'), source }
      })
      return caller.call('POST', '/v1/verifications/batch', { body: { items } })
    }
    for (let batch = 0; batch < 100; batch += 2) {
      const answers = await Promise.all([ask(first, batch), ask(second, batch + 1)])
      expect(answers.map(({ status }) => status)).toEqual([200, 200])
    }
    const total = async () => {
      const counts = await Promise.all(secrets.map(({ id }) => countOf(first.caller, id)))
      return counts.reduce((sum, count) => sum + count, 0)
    }
    await expect.poll(total, { timeout: 10_000, interval: 100 }).toBe(10_000)
    const sources = (await Promise.all(secrets.map(({ id }) => cutoverOf(first.caller, id, 1)))).flatMap(
      (each) => each.sources,
    )
    expect(sources.reduce((sum, { count }) => sum + count, 0)).toBe(10_000)
    expect(new Set(sources.map(({ source }) => source)).size).toBe(5)
    // The other node is asked to write at once, and nothing is deleted.
    await second.caller.verify(secrets[0]?.secret ?? '')
    const refused = await first.caller.call('DELETE', `/v1/identity-secrets/${secrets[0]?.id}?ifQuietForSeconds=1`)
    expect([refused.status, JSON.parse(refused.text).code]).toEqual([409, 'secret_in_use'])
  })
})
