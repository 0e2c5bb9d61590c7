import { describe, expect, it, onTestFinished } from 'vitest'
import { childrenOf, startPostgresServer } from '../../../test-support/postgres-server.ts'
import { createTemporaryDirectory } from '../../../test-support/temporary-directory.ts'
import { type Answer, Caller, userHash } from './caller.ts'
import { Scrape } from './scrape.ts'
import { startCutover } from './start-cutover.ts'
import { stopped } from './stopped.ts'
import { timed } from './timed.ts'

const leaseMs = 2000
/** Besides a renewal: connecting anew, and a machine that is busy with other tests. */
const slackMs = 3000
/** Without a wait for the store, on a machine that is busy with other tests. */
const soonMs = 1500
const inTime = { timeout: 15_000, interval: 10 }

async function startOnOwnPostgres() {
  const postgres = await startPostgresServer()
  onTestFinished(() => postgres.remove())
  const directory = await createTemporaryDirectory()
  onTestFinished(() => directory.remove())
  const cutover = await startCutover({
    CUTOVER_DATA_DIR: `${directory.path}/data`,
    CUTOVER_DATABASE_URL: postgres.url('postgres'),
    CUTOVER_LEASE_MS: String(leaseMs),
  })
  return { postgres, cutover, caller: new Caller(cutover.address, cutover.firstToken ?? '') }
}

function question(secret: string) {
  return { body: { platform: 'web', userId: 'user_1', userHash: userHash(secret, 'user_1') } }
}

function shown({ status, text }: Answer): string {
  return `${status} ${JSON.parse(text).verified}`
}

async function readiness(caller: Caller): Promise<string> {
  const { status, text } = await caller.call('GET', '/readyz')
  return `${status} ${JSON.parse(text).store}`
}

async function scraped(caller: Caller): Promise<Scrape> {
  const { status, text } = await caller.call('GET', '/metrics')
  expect(status).toBe(200)
  return new Scrape(text)
}

function expectErrorList({ status, headers, text }: Answer): void {
  expect({ status, retryAfter: headers.get('retry-after'), body: JSON.parse(text) }).toEqual({
    status: 503,
    retryAfter: '1',
    body: {
      type: 'error.list',
      request_id: headers.get('x-request-id'),
      errors: [{ code: 'service_unavailable', message: 'Service unavailable' }],
    },
  })
}

function expectProblem(path: string, { status, headers, text }: Answer): void {
  const { type, title, ...rest } = JSON.parse(text)
  expect({ status, retryAfter: headers.get('retry-after'), contentType: headers.get('content-type') }).toEqual({
    status: 503,
    retryAfter: '1',
    contentType: expect.stringMatching(/^application\/problem\+json/),
  })
  expect({ type, title, ...rest }).toEqual({
    type: 'urn:cutover:problem:service_unavailable',
    title: 'Service unavailable',
    status: 503,
    detail: 'Try again in a moment',
    instance: `${path}#${headers.get('x-request-id')}`,
    code: 'service_unavailable',
  })
}

describe.each(['stop', 'killHard'] as const)('when PostgreSQL goes away under a running server (%s)', (end) => {
  it('verifies until its lease is over, then answers 503 and nothing else, and is well again by itself', async () => {
    const { postgres, cutover, caller } = await startOnOwnPostgres()
    const live = await caller.create('Live')
    const gone = await caller.create('Gone')
    await caller.delete(gone.id)
    expect(await caller.verify(live.secret)).toMatchObject({ verified: true, secretId: live.id })
    const before = await scraped(caller)
    expect(before.value('cutover_store_up')).toBe(1)
    await postgres[end]()
    const goneAtMs = performance.now()

    expect(await readiness(caller)).toBe('200 unavailable')
    expect(await caller.verify(live.secret)).toMatchObject({ verified: true, secretId: live.id })
    expect(await caller.verify(gone.secret)).toMatchObject({ verified: false, reason: 'mismatch' })
    // While it still verifies it changes nothing.
    expectErrorList(await caller.delete(live.id))
    await expect.poll(() => readiness(caller), inTime).toBe('503 unavailable')
    expect(performance.now() - goneAtMs).toBeLessThan(leaseMs + slackMs)

    expectErrorList(await caller.call('GET', '/secure_mode_secrets'))
    expectErrorList(await caller.post('While down'))
    expectErrorList(await caller.post('While down', { idempotencyKey: 'while-down' }))
    expectErrorList(await caller.delete(live.id))
    for (const { secret } of [live, gone]) {
      expectProblem('/v1/verifications', await caller.call('POST', '/v1/verifications', question(secret)))
    }
    const batch = { body: { items: [question(live.secret).body] } }
    expectProblem('/v1/verifications/batch', await caller.call('POST', '/v1/verifications/batch', batch))
    expectProblem('/health', await caller.call('GET', '/health'))
    expect((await caller.call('GET', '/livez')).status).toBe(200)
    const whileDown = await scraped(caller)
    expect(whileDown.value('cutover_store_up')).toBe(0)
    expect(whileDown.values('cutover_secrets')).toEqual(before.values('cutover_secrets'))
    expect(whileDown.value('cutover_secrets', { kind: 'identity_secret', state: 'active' })).toBe(1)

    await postgres.start()
    const backAtMs = performance.now()
    await expect.poll(() => readiness(caller), inTime).toBe('200 ok')
    expect(performance.now() - backAtMs).toBeLessThan(leaseMs / 10 + slackMs)
    expect(await caller.verify(live.secret)).toMatchObject({ verified: true, secretId: live.id })
    expect(await caller.verify(gone.secret)).toMatchObject({ verified: false, reason: 'mismatch' })
    const once = await caller.create('While down', { idempotencyKey: 'while-down' })
    expect((await caller.list()).map(({ id }) => id)).toEqual([live.id, once.id])
    const logged = cutover.stderr.trimEnd().split('\n')
    const messages = logged.map((line) => JSON.parse(line).msg)
    expect(messages).toContain('there is no lease: nothing is verified until the store answers')
    expect(messages).toContain('the lease is held: verifying')
    expect(await cutover.kill('SIGTERM')).toEqual({ code: 0, signal: null })
  })

  it('answers each of a stream of verifications rightly or with 503, all the while', async () => {
    const { postgres, caller } = await startOnOwnPostgres()
    const live = await caller.create('Live')
    const gone = await caller.create('Gone')
    await caller.delete(gone.id)
    let over = false
    const seen = new Set<string>()
    const ask = async (which: string, secret: string) => {
      while (!over) {
        const answer = await caller.call('POST', '/v1/verifications', question(secret)).catch(String)
        seen.add(`${which} ${typeof answer === 'string' ? answer : shown(answer)}`)
        over ||= typeof answer === 'string'
      }
    }
    const asking = Promise.all([ask('live', live.secret), ask('gone', gone.secret), ask('live', live.secret)])
    await expect.poll(() => seen.has('live 200 true') && seen.has('gone 200 false')).toBe(true)
    await postgres[end]()
    await expect
      .poll(() => over || (seen.has('live 503 undefined') && seen.has('gone 503 undefined')), inTime)
      .toBe(true)
    await postgres.start()
    await expect.poll(async () => over || (await caller.call('GET', '/readyz')).status === 200, inTime).toBe(true)
    over = true
    await asking
    expect([...seen].sort()).toEqual(['gone 200 false', 'gone 503 undefined', 'live 200 true', 'live 503 undefined'])
    const after = await caller.create('After')
    expect(await caller.verify(after.secret)).toMatchObject({ verified: true, secretId: after.id })
  })
})

describe('when PostgreSQL stands still', () => {
  it('says at once that it cannot verify, so that another node can be asked', async () => {
    const { postgres, caller } = await startOnOwnPostgres()
    const { secret } = await caller.create('Live')
    expect(await caller.verify(secret)).toMatchObject({ verified: true })
    const { pid = 0 } = postgres
    const stops = [pid, ...(await childrenOf(pid))].map((each) => stopped(each))
    await expect.poll(() => readiness(caller), inTime).toBe('503 unavailable')
    for (const path of ['/v1/verifications', '/v1/verifications/batch', '/v1/request-verifications']) {
      const { result, elapsedMs } = await timed(() => caller.call('POST', path, question(secret)))
      expectProblem(path, result)
      expect(elapsedMs, path).toBeLessThan(soonMs)
    }
    for (const stop of stops) stop.continue()
    await expect.poll(() => readiness(caller), inTime).toBe('200 ok')
    expect(await caller.verify(secret)).toMatchObject({ verified: true })
  })
})
