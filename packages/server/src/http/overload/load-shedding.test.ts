import { setImmediate as nextRound, setTimeout as pause } from 'node:timers/promises'
import { type InjectOptions, inject } from 'light-my-request'
import { beforeEach, describe, expect, it } from 'vitest'
import { workFor } from '../../../test/work-for.ts'
import { JsonAnswers } from '../direct/json-answers.ts'
import { LargeBodies, largeBodyBytes } from './large-bodies.ts'
import { LoadShedding } from './load-shedding.ts'
import { ShedRequests } from './shed-requests.ts'

const patience = { toleratedMs: 100, longestMs: 200 }
const verifications = ['/v1/verifications', '/v1/verifications/batch', '/v1/request-verifications']

let shed: ShedRequests
let largeBodies: LargeBodies
let shedding: LoadShedding

beforeEach(() => {
  shed = new ShedRequests({ warn: () => undefined })
  largeBodies = new LargeBodies(patience, shed)
  const next = { answer: (_request: unknown, response: { end(): void }) => response.end() }
  const refusals = new JsonAnswers({ isTls: false, status: 503, headers: {} })
  shedding = new LoadShedding({ next, refusals, largeBodies, shed, patience })
})

/** Each on a connection of its own, and all of them in one round. */
async function statusesOf(requests: readonly InjectOptions[]): Promise<readonly number[]> {
  const nobody = () => expect.unreachable('what is before the router answers')
  const answers = await Promise.all(
    requests.map((asked) => inject((request, response) => shedding.answer(request, response, nobody), asked)),
  )
  return answers.map(({ statusCode }) => statusCode)
}

const posted = (url: string, bytes = 2): InjectOptions => ({ method: 'POST', url, payload: '-'.repeat(bytes) })

describe('verifications', () => {
  it('that may have waited for too long are shed, and a delete, a list and a probe are not; after the round, none', async () => {
    expect(await statusesOf([posted('/v1/verifications')])).toEqual([200])
    workFor(60 + patience.longestMs)
    const others: InjectOptions[] = [
      { method: 'DELETE', url: '/secure_mode_secrets/1' },
      { method: 'GET', url: '/secure_mode_secrets' },
      { method: 'GET', url: '/livez' },
    ]
    const statuses = await statusesOf([...verifications.map((url) => posted(url)), ...others])
    expect(statuses).toEqual([503, 503, 503, 200, 200, 200])
    expect(shed.count).toBe(3)
    await pause(1)
    expect(await statusesOf(verifications.map((url) => posted(url)))).toEqual([200, 200, 200])
  })

  it('are shed by lot before that: the longer they may have waited, the more of them', async () => {
    const many = Array.from({ length: 400 }, () => posted('/v1/verifications'))
    await statusesOf([posted('/v1/verifications')])
    workFor(50 + (patience.toleratedMs + patience.longestMs) / 2)
    const statuses = await statusesOf(many)
    expect(new Set(statuses)).toEqual(new Set([200, 503]))
  })

  it('with a large body are shed where such bodies wait for too long, and those without are not', async () => {
    const taken = Promise.withResolvers<void>()
    largeBodies.enqueue(1, () => workFor(1))
    largeBodies.enqueue(1, () => taken.resolve())
    workFor(patience.longestMs + 10)
    const large = posted('/v1/verifications/batch', largeBodyBytes + 1)
    const [batch, single] = await statusesOf([large, posted('/v1/verifications')])
    await taken.promise
    expect([batch, single]).toEqual([503, 200])
    expect(await statusesOf([large])).toEqual([200])
  })

  it('are what large bodies leave time for', async () => {
    const turnMs = 50
    const taken: number[] = []
    const take = () => {
      taken.push(performance.now())
      workFor(turnMs)
    }
    largeBodies.enqueue(1, take)
    largeBodies.enqueue(1, take)
    for (; taken.length < 2; await nextRound()) await statusesOf([posted('/v1/verifications')])
    const [first = 0, second = 0] = taken
    expect(second - first).toBeGreaterThan(2 * turnMs)
  })
})
