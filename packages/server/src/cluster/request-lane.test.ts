import { describe, expect, it } from 'vitest'
import { RequestLane } from './request-lane.ts'

const sending = { readingMs: 1, known: 2 }

describe('a lane of requests', () => {
  it('has one request under way at a time, and settles it once', () => {
    const lane = new RequestLane()
    const request = lane.send({}, sending)
    expect(lane.freeAtMs).toBe(Number.POSITIVE_INFINITY)
    expect(lane.settle(request)).toBe(sending)
    expect(lane.settle(request)).toBeUndefined()
    expect(lane.freeAtMs).toBe(Number.NEGATIVE_INFINITY)
  })

  it('takes a late reply for nobody’s, even when its request looks the same', () => {
    const lane = new RequestLane()
    const early = lane.send({ kind: 'renew' }, sending)
    lane.fail(early, 10)
    expect(lane.freeAtMs).toBe(10)
    const late = lane.send({ kind: 'renew' }, sending)
    expect(lane.settle(early)).toBeUndefined()
    lane.fail(early, 99)
    expect(lane.settle(late)).toBe(sending)
  })
})
