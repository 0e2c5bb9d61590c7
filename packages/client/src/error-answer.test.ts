import { errorListCodes, problems } from '@cutover/contract'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { errorOf } from './error-answer.ts'
import type { ApiErrorCode } from './errors.ts'

const once = { attempts: 1, mayBeDone: false }

function errorFrom(status: number, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return errorOf({ status, headers: new Headers(headers) }, text, once)
}

function problem(code: string, fields: object = {}) {
  return { type: `urn:cutover:problem:${code}`, title: 'T', status: 400, detail: 'D', instance: '/#1', code, ...fields }
}

describe('the codes of errors', () => {
  it('are those of the catalogue, and one for what is no answer of the API', () => {
    type Codes = keyof typeof problems | keyof typeof errorListCodes | 'unexpected_answer'
    expectTypeOf<ApiErrorCode>().toEqualTypeOf<Codes>()
  })

  it.each(Object.entries(problems))('of the native dialect are read: %s', (code, { status, title }) => {
    const error = errorFrom(status, problem(code, { status, title }), { 'x-request-id': 'r' })
    expect(error).toMatchObject({ code, status, dialect: 'native', message: 'D', requestId: 'r', errors: [] })
  })

  it.each(Object.entries(errorListCodes))('of the dialect of Intercom are read: %s', (code, [status = 0]) => {
    const error = errorFrom(status, { type: 'error.list', request_id: 'b', errors: [{ code, message: 'M' }] })
    expect(error).toMatchObject({ code, status, dialect: 'intercom', message: 'M', requestId: 'b', errors: [] })
  })
})

describe('an error', () => {
  it('has the faults of its fields, and only those that have one', () => {
    const faults = [
      { code: 'parameter_invalid', message: 'name is required', field: 'name' },
      { code: 'parameter_invalid', message: 'pick one' },
    ]
    const error = errorFrom(422, { type: 'error.list', request_id: null, errors: faults }, { 'x-request-id': 'h' })
    expect(error).toMatchObject({ message: 'name is required; pick one', requestId: 'h' })
    expect(error.errors).toEqual([{ field: 'name', message: 'name is required' }])
    const native = errorFrom(
      422,
      problem('validation_failed', { errors: [{ field: 'a.b', message: 'M', more: 1 }, 7] }),
    )
    expect(native.errors).toEqual([{ field: 'a.b', message: 'M' }])
  })

  it('tells how far a clock is off', () => {
    const fields = { serverTime: '2026-11-21T12:00:00.000Z', skewMs: -400_000 }
    expect(errorFrom(401, problem('timestamp_out_of_range', fields))).toMatchObject(fields)
  })

  it.each([
    ['nothing', ''],
    ['HTML', '<html>Bad gateway</html>'],
    ['an error of another API', { code: 'AccessDenied', message: 'M' }],
    ['a problem of another API', { type: 'about:blank', title: 'T', status: 403 }],
    ['a problem whose type and code differ', problem('not_found', { code: 'unauthorized' })],
    ['an empty list', { type: 'error.list', errors: [] }],
    ['a list of none', { type: 'error.list', errors: [null, 'x'] }],
    ['a list without a code', { type: 'error.list', errors: [{ message: 'M' }] }],
    ['an array', []],
    ['null', null],
  ])('is unexpected_answer, its status kept, where the body is %s', (_what, body) => {
    const error = errorFrom(502, body)
    expect(error).toMatchObject({ code: 'unexpected_answer', dialect: 'unknown', status: 502, errors: [] })
    expect(error.message).toBe('The server answered 502 with something that is no answer of the API')
  })
})

describe('how long to wait', () => {
  const date = 'Sat, 21 Nov 2026 12:00:00 GMT'
  const nowSeconds = Date.parse(date) / 1000

  it.each([
    ['seconds', 503, { 'retry-after': '7' }, 7],
    ['a date', 503, { 'retry-after': 'Sat, 21 Nov 2026 12:00:09 GMT', date }, 9],
    ['a date that is over', 503, { 'retry-after': 'Sat, 21 Nov 2026 11:00:00 GMT', date }, 0],
    ['a date without the time of the server', 503, { 'retry-after': 'Sat, 21 Nov 2026 12:00:09 GMT' }, undefined],
    ['the window of a rate limit', 429, { 'x-ratelimit-reset': `${nowSeconds + 4}`, date }, 4],
    ['the window, where nothing was limited', 503, { 'x-ratelimit-reset': `${nowSeconds + 4}`, date }, undefined],
    ['both', 429, { 'retry-after': '2', 'x-ratelimit-reset': `${nowSeconds + 4}`, date }, 2],
    ['nonsense', 429, { 'retry-after': 'soon', 'x-ratelimit-reset': '1e9', date }, undefined],
    ['a number below 0', 429, { 'retry-after': '-1' }, undefined],
  ])('is told by %s', (_what, status, headers: Record<string, string>, seconds) => {
    expect(errorFrom(status, '', headers).retryAfterSeconds).toBe(seconds)
  })
})
