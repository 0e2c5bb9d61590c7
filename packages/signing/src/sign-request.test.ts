import { createHash, createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import vectors from '../test/vectors/request-signature.json' with { type: 'json' }
import { bodySha256 } from './request-signature.ts'
import { type RequestToSign, signRequest } from './sign-request.ts'

const integrator = { key: 'int_b2K9qTzX4mWvL0sYh7Rd', secret: 'ints_of_the_tests_of_signing_a_request' }
const nowMs = 1_795_262_400_000
const emptySha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
let paths = 0
/** What no other test signs: the signer remembers. */
const freshPath = () => `/sign-request.test/${++paths}`

/** What a caller without types may pass. */
const signUntyped = (request: unknown, signer: unknown = integrator) =>
  signRequest(signer as typeof integrator, request as RequestToSign, { nowMs })

describe('signing a request', () => {
  const accepted = vectors.cases.filter(({ expected }) => expected.verified)

  it.each(accepted)('makes the signature of: $name', ({ secrets, method, path, bodyBase64, expected }) => {
    const secret = secrets.find(({ id }) => id === expected.secretId)?.secret ?? ''
    // What was signed before, in another test of the same content, would take a later timestamp.
    const timestampMs = expected.timestampMs ?? 0
    const body = bodyBase64 === undefined ? undefined : Buffer.from(bodyBase64, 'base64')
    const signed = signRequest({ ...integrator, secret }, { method, path, body }, { nowMs: timestampMs })
    const digest = createHash('sha256')
      .update(body ?? '')
      .digest('hex')
    const oracle = (timestamp: string) =>
      `sha256=${createHmac('sha256', secret).update(`${timestamp}.${method.toUpperCase()}.${path}.${digest}`).digest('hex')}`
    expect(signed['X-Signature']).toBe(oracle(signed['X-Timestamp']))
    expect(expected.signature).toBe(oracle(String(timestampMs)))
  })

  it.each(accepted)('signs the string of: $name', ({ secrets, stringToSign, expected }) => {
    const secret = secrets.find(({ id }) => id === expected.secretId)?.secret ?? ''
    const mac = createHmac('sha256', secret).update(stringToSign ?? '')
    expect(`sha256=${mac.digest('hex')}`).toBe(expected.signature)
  })

  it('gives the three headers, and the time as 13 digits', () => {
    const path = freshPath()
    const mac = createHmac('sha256', integrator.secret).update(`${nowMs}.POST.${path}.${emptySha256}`)
    expect(signRequest(integrator, { method: 'post', path }, { nowMs: nowMs + 0.9 })).toEqual({
      'X-Integrator-Key': integrator.key,
      'X-Timestamp': String(nowMs),
      'X-Signature': `sha256=${mac.digest('hex')}`,
    })
  })

  it('takes the time of the system unless one is given', () => {
    const before = Date.now()
    const signedMs = Number(signRequest(integrator, { method: 'GET', path: freshPath() })['X-Timestamp'])
    expect(signedMs).toBeGreaterThanOrEqual(before)
    expect(signedMs).toBeLessThanOrEqual(Date.now())
  })

  it('signs a text like its UTF-8 bytes, and no body like an empty one', () => {
    const sign = (body: string | Uint8Array | undefined, path: string) =>
      signRequest(integrator, { method: 'PUT', path, body }, { nowMs })
    const path = freshPath()
    const [first, second] = [sign('h\u00e9', path), sign(Buffer.from('h\u00e9'), path)]
    expect(Number(second['X-Timestamp']) - Number(first['X-Timestamp'])).toBe(1)
    const other = freshPath()
    const empty = [undefined, '', new Uint8Array()].map((body) => Number(sign(body, other)['X-Timestamp']) - nowMs)
    expect(empty).toEqual([0, 1, 2])
  })

  it('never makes the same signature twice, in a burst of 10,000 within a millisecond', () => {
    const request = { method: 'POST', path: freshPath(), body: '{}' }
    const signatures = Array.from({ length: 10_000 }, () => signRequest(integrator, request, { nowMs })['X-Signature'])
    expect(new Set(signatures).size).toBe(10_000)
  })

  it('never makes the same signature twice when the method differs in case only, or the key but not the secret', () => {
    const path = freshPath()
    const signed = ['post', 'POST', 'Post'].map((method) => signRequest(integrator, { method, path }, { nowMs }))
    signed.push(signRequest({ ...integrator, key: 'int_other' }, { method: 'POST', path }, { nowMs }))
    expect(new Set(signed.map((headers) => headers['X-Signature'])).size).toBe(4)
  })

  it('takes a later timestamp after the clock was set back a little, and the present one after an hour', () => {
    const request = { method: 'POST', path: freshPath() }
    const times = [nowMs, nowMs - 5_000, nowMs - 3_600_000].map((time) => {
      return Number(signRequest(integrator, request, { nowMs: time })['X-Timestamp'])
    })
    expect(times).toEqual([nowMs, nowMs + 1, nowMs - 3_600_000])
  })

  it('takes the present timestamp for whatever differs in secret, path or body', () => {
    const path = freshPath()
    const times = [
      signRequest(integrator, { method: 'POST', path }, { nowMs }),
      signRequest(integrator, { method: 'PUT', path }, { nowMs }),
      signRequest(integrator, { method: 'POST', path: `${path}?` }, { nowMs }),
      signRequest(integrator, { method: 'POST', path, body: '{}' }, { nowMs }),
      signRequest({ ...integrator, secret: 'another' }, { method: 'POST', path }, { nowMs }),
    ].map((headers) => headers['X-Timestamp'])
    expect(times).toEqual(times.map(() => String(nowMs)))
  })

  it.each(['', 'GET ', 'G ET', 'GET\n', 'GET/', 'GET.A', 'G\u00c9T', '\u017fend', 'GET:'])(
    'refuses the method %j',
    (method) => {
      const message = 'method must be a token of RFC 9110 without a full stop'
      expect(() => signUntyped({ method, path: '/' })).toThrow(new TypeError(message))
    },
  )

  it.each(['', ' ', '/a b', '/a\t', '/a\r\nX: y', '/\0', '/\x7f', ' /'])('refuses the path %j', (path) => {
    const message = 'path must not be empty, nor hold a space or a control character'
    expect(() => signUntyped({ method: 'GET', path })).toThrow(new TypeError(message))
  })

  it.each(['', ' ', 'int a', 'int_a,int_b', 'int_\u00e9', 'int_a\r\n', undefined, 1])('refuses the key %j', (key) => {
    const misuse = () => signUntyped({ method: 'GET', path: '/' }, { ...integrator, key })
    expect(misuse).toThrow(new TypeError('key must be visible ASCII without a comma'))
  })

  it.each([
    ['a method that is no string', { method: undefined, path: '/' }, 'method must be a string'],
    [
      'a method with a lone surrogate',
      { method: '\ud800', path: '/' },
      'method holds a lone surrogate, which has no UTF-8 form',
    ],
    ['a path that is no string', { method: 'GET', path: new URL('http://127.0.0.1/') }, 'path must be a string'],
    [
      'a path with a lone surrogate',
      { method: 'GET', path: '/\udc00' },
      'path holds a lone surrogate, which has no UTF-8 form',
    ],
    [
      'a body with a lone surrogate',
      { method: 'GET', path: '/', body: '\ud800' },
      'body holds a lone surrogate, which has no UTF-8 form',
    ],
  ])('refuses %s', (_, request, message) => {
    expect(() => signUntyped(request)).toThrow(new TypeError(message))
  })

  it.each([{ a: 1 }, [1], null, 1, true, new ArrayBuffer(1)])('refuses the parsed body %j', (body) => {
    const message = 'body must be the raw bytes or the text that is sent, before it is parsed'
    expect(() => signUntyped({ method: 'POST', path: '/', body })).toThrow(new TypeError(message))
    expect(() => bodySha256(body as unknown as string)).toThrow(new TypeError(message))
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 0, 999_999_999_999, 10_000_000_000_000, -nowMs, 1_795_262_400])(
    'refuses the clock %d, which has no 13 digits',
    (clockMs) => {
      const misuse = () => signRequest(integrator, { method: 'GET', path: '/' }, { nowMs: clockMs })
      expect(misuse).toThrow(new TypeError('nowMs must be Unix milliseconds of 13 digits'))
    },
  )

  it('refuses an empty secret, and shows no secret in an error', () => {
    const message = 'secret must not be empty'
    expect(() => signRequest({ ...integrator, secret: '' }, { method: 'GET', path: '/' })).toThrow(
      new TypeError(message),
    )
    expect(() => signRequest({ ...integrator, secret: 'hush\ud800' }, { method: 'GET', path: '/' })).toThrow(
      /^(?!.*hush)/,
    )
  })
})

describe('the digest of a body', () => {
  it('of none is that of the empty string', () => {
    expect([bodySha256(), bodySha256(''), bodySha256(Buffer.alloc(0))]).toEqual([emptySha256, emptySha256, emptySha256])
  })

  it('is SHA-256 of the bytes in lowercase hex, of a part of a larger buffer too', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(), (bytes, start) => {
        const part = bytes.subarray(start % (bytes.length + 1))
        expect(bodySha256(part)).toBe(createHash('sha256').update(part).digest('hex'))
      }),
    )
  })
})
