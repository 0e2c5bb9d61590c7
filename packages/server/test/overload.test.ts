import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { signUserHash } from '@cutover/signing'
import { beforeAll, describe, expect, it } from 'vitest'
import { createTemporaryDirectory } from '../../../test-support/temporary-directory.ts'
import { type RunningCutover, startSharedCutover } from './start-cutover.ts'

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Each with a batch under way, as large as batches may be: together more than two seconds of work. */
const crowd = 800
const itemsOfBatch = 1000
/** More than enough for some to be shed. */
const mostAnswers = 10 * crowd

describe('a server that is asked for more than it can do', () => {
  const agent = new Agent({ keepAlive: true })
  let cutover: RunningCutover
  let secret: { readonly id: string; readonly secret: string }

  beforeAll(async () => {
    const directory = await createTemporaryDirectory()
    cutover = await startSharedCutover({
      CUTOVER_DATA_DIR: `${directory.path}/data`,
      CUTOVER_RATE_LIMIT_PER_MINUTE: '0',
    })
    const created = await ask('POST', '/secure_mode_secrets', { name: 'Crowded', supports_web: true })
    secret = JSON.parse(created.body)
    return async () => {
      agent.destroy()
      await cutover.kill('SIGKILL')
      await directory.remove()
    }
  })

  async function ask(method: string, path: string, body?: object): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    const content = body === undefined ? undefined : JSON.stringify(body)
    const headers = {
      Authorization: `Bearer ${cutover.firstToken}`,
      ...(content === undefined
        ? {}
        : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(content) }),
    }
    request(`${cutover.address}${path}`, { method, agent, headers }, async (response) => {
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: await text(response) })
    })
      .on('error', reject)
      .end(content)
    return promise
  }

  function question() {
    return { platform: 'web', userId: 'user_1', userHash: signUserHash(secret.secret, 'user_1') }
  }

  const isShed = ({ status }: Answer) => status === 503

  /** Until some were shed; each of the crowd asks again as soon as it is answered. */
  async function press(): Promise<readonly Answer[]> {
    const items = Array.from({ length: itemsOfBatch }, question)
    const answers: Answer[] = []
    const pressing = async () => {
      while (!answers.some(isShed) && answers.length < mostAnswers)
        answers.push(await ask('POST', '/v1/verifications/batch', { items }))
    }
    await Promise.all(Array.from({ length: crowd }, pressing))
    return answers
  }

  it('answers verifications 503 with Retry-After, is right in the others, and lets a delete through', async () => {
    const { id } = JSON.parse((await ask('POST', '/secure_mode_secrets', { name: 'Leaked', supports_ios: true })).body)
    const pressed = press()
    expect((await ask('DELETE', `/v1/identity-secrets/${id}`)).status).toBe(204)
    const answers = await pressed
    const [shed] = answers.filter(isShed)
    expect(shed?.headers).toMatchObject({
      'retry-after': '1',
      'content-type': 'application/problem+json; charset=utf-8',
    })
    expect(JSON.parse(shed?.body ?? '')).toEqual({
      type: 'urn:cutover:problem:service_unavailable',
      title: 'Service unavailable',
      status: 503,
      detail: 'Try again in a moment',
      instance: `/v1/verifications/batch#${shed?.headers['x-request-id']}`,
      code: 'service_unavailable',
    })
    const others = answers.filter((answer) => !isShed(answer))
    expect(others.length).toBeGreaterThan(0)
    for (const { status, body } of others) {
      expect(status).toBe(200)
      expect(body.match(/"verified":true/g)).toHaveLength(itemsOfBatch)
    }
    const { body: metrics } = await ask('GET', '/metrics')
    expect(metrics).toContain(`\ncutover_shed_requests_total ${answers.filter(isShed).length}\n`)
  })

  it('answers all again once the crowd is gone', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask('POST', '/v1/verifications', question())))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  })
})
