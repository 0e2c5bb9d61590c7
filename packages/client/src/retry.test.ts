import { limits } from '@cutover/contract'
import { describe, expect, it } from 'vitest'
import { ApiError, type ApiErrorFacts, NetworkError, TimeoutError } from './errors.ts'
import { isTooLateToRepeat, pauseBeforeRetry, type Repeatable } from './retry.ts'

function apiError(status: number, facts: Partial<ApiErrorFacts> = {}): ApiError {
  return new ApiError({ status, code: 'server_error', message: 'M', dialect: 'native', requestId: undefined, ...facts })
}

const always: readonly Repeatable[] = ['safe', 'keyed', 'refused_only']
const unlessRefused: readonly Repeatable[] = ['safe', 'keyed']

describe('a call is sent again', () => {
  it.each([
    ['429', apiError(429), always],
    ['500', apiError(500), unlessRefused],
    ['502', apiError(502), unlessRefused],
    ['503', apiError(503), unlessRefused],
    ['504', apiError(504), unlessRefused],
    ['NetworkError', new NetworkError(''), unlessRefused],
    ['TimeoutError', new TimeoutError(''), unlessRefused],
    ['409 idempotency_conflict', apiError(409, { code: 'idempotency_conflict' }), ['keyed']],
    ['409 conflict', apiError(409, { code: 'conflict' }), ['keyed']],
    ['409 invalid_state', apiError(409, { code: 'invalid_state' }), []],
    ['200, unexpected_answer', apiError(200, { code: 'unexpected_answer' }), []],
    ['301', apiError(301), []],
    ['401', apiError(401), []],
    ['501', apiError(501), []],
    ['TypeError', new TypeError(''), []],
    ['the reason of a signal', 'gone', []],
  ] as const)('after %s where that is safe', (_what, error, expected: readonly Repeatable[]) => {
    const repeated = always.filter(
      (repeatable) => pauseBeforeRetry(error, { retries: 0, repeatable, random: () => 0 }) !== null,
    )
    expect(repeated).toEqual(expected)
  })
})

describe('the pause before it', () => {
  const pauses = (random: number) =>
    [0, 1, 2, 3, 4, 5, 60].map((retries) =>
      pauseBeforeRetry(apiError(500), { retries, repeatable: 'safe', random: () => random }),
    )

  it('doubles, to 5 s at most, and is shortened by chance to no less than its half', () => {
    expect(pauses(1)).toEqual([200, 400, 800, 1600, 3200, 5000, 5000])
    expect(pauses(0)).toEqual([100, 200, 400, 800, 1600, 2500, 2500])
  })

  it.each([
    [0, 0],
    [1, 1000],
    [30, 30_000],
  ])('is no shorter than the %d s that the server asks for, and 200 ms longer at most', (retryAfterSeconds, ms) => {
    const pauseWith = (random: number) =>
      pauseBeforeRetry(apiError(503, { retryAfterSeconds }), { retries: 5, repeatable: 'safe', random: () => random })
    expect([pauseWith(0), pauseWith(1)]).toEqual([ms, ms + 200])
  })

  it('is none where the server asks for more than 30 s: the call is given up', () => {
    const error = apiError(429, { retryAfterSeconds: 31 })
    expect(pauseBeforeRetry(error, { retries: 0, repeatable: 'safe', random: () => 0 })).toBe(null)
  })
})

describe('an Idempotency-Key', () => {
  it('is not sent again when its answer may be forgotten soon, nor where the clock was set back', () => {
    const lastMs = 9 * 60_000
    expect([0, lastMs, lastMs + 1, -1].map((ms) => isTooLateToRepeat('keyed', ms))).toEqual([false, false, true, true])
    expect(isTooLateToRepeat('safe', lastMs + 1)).toBe(false)
    expect(lastMs).toBeLessThan(limits.idempotencyRetentionMs)
  })
})
