import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import vectors from '../test/vectors/request-signature.json' with { type: 'json' }
import { prepareHmacKey } from './hmac-pads.ts'
import { createKeyset, Keyset } from './keyset.ts'
import type { RequestHeaders } from './request-headers.ts'
import { requestRefusalReasons } from './request-refusals.ts'
import { bodySha256 } from './request-signature.ts'
import { signRequest } from './sign-request.ts'
import {
  findRequestSigner,
  type ReceivedRequest,
  type RequestParts,
  verifyRequest,
  verifyRequestParts,
} from './verify-request.ts'

const nowMs = 1_795_262_400_000
const integrator = { key: 'int_b2K9qTzX4mWvL0sYh7Rd', secret: 'ints_of_the_tests_of_verifying_a_request' }
const keyset = createKeyset([{ id: '1', secret: integrator.secret }])
const request = { method: 'POST', path: '/v1/integrator?a=1', body: '{}' }
const signed = signRequest(integrator, request, { nowMs })
const invalid = { verified: false, reason: 'signature_invalid' }

const methodSigns = "!#$%&'*+-^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
const anyMethod = fc.string({ unit: fc.constantFrom(...methodSigns), minLength: 1, maxLength: 10 })
const anyPath = fc.string({ unit: 'binary', maxLength: 60 }).map((text) => `/${text.replace(/[\0- \x7f]/g, '')}`)
const anyBody = fc.uint8Array({ maxLength: 200 })
const anySecret = fc.string({ unit: 'binary', minLength: 1, maxLength: 100 })
const anyRequest = fc.record({ method: anyMethod, path: anyPath, body: anyBody })
/** With lone surrogates. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 80 }).map((units) => String.fromCharCode(...units)),
)

describe('verifying a request', () => {
  const cases = vectors.cases.map(({ bodyBase64, headers, secrets, ...others }) => ({
    keyset: createKeyset(secrets),
    rawHeaders: headers.flat(),
    body: bodyBase64 === undefined ? undefined : Buffer.from(bodyBase64, 'base64'),
    ...others,
  }))
  const accepted = cases.filter(({ expected }) => expected.verified)
  const refused = cases.filter(({ expected }) => !expected.verified)

  it.each(accepted)('accepts: $name', ({ keyset, method, path, rawHeaders, body, nowMs, expected }) => {
    expect(verifyRequest(keyset, { method, path, headers: rawHeaders, body }, { nowMs })).toEqual(expected)
  })

  it.each(refused)(
    'refuses as $expected.reason: $name',
    ({ keyset, method, path, rawHeaders, body, nowMs, expected }) => {
      expect(verifyRequest(keyset, { method, path, headers: rawHeaders, body }, { nowMs })).toEqual(expected)
    },
  )

  it('has a vector for every reason there is', () => {
    expect(new Set(refused.map(({ expected }) => expected.reason))).toEqual(new Set(requestRefusalReasons))
  })

  it('accepts any request that any of several secrets signed, and names the secret', () => {
    const several = fc.uniqueArray(anySecret, { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(several, fc.nat(), anyRequest, (secrets, pick, any) => {
        const at = pick % secrets.length
        const headers = signRequest({ key: 'int_1', secret: secrets[at] ?? '' }, any, { nowMs })
        const list = createKeyset(secrets.map((secret, id) => ({ id, secret })))
        const timestampMs = Number(headers['X-Timestamp'])
        const genuine = { verified: true, secretId: at, timestampMs, signature: headers['X-Signature'] }
        expect(verifyRequest(list, { ...any, headers }, { nowMs })).toEqual(genuine)
        const others = list.filter((id) => id !== at)
        expect(verifyRequest(others, { ...any, headers }, { nowMs })).toEqual(invalid)
      }),
    )
  })

  it('refuses any request in which one byte of timestamp, method, path or body was changed', () => {
    const part = fc.constantFrom('timestamp', 'method', 'path', 'body')
    fc.assert(
      fc.property(anyRequest, part, fc.nat(), fc.integer({ min: 1, max: 255 }), (any, changedPart, at, flip) => {
        const headers = signRequest(integrator, any, { nowMs })
        const text = { timestamp: headers['X-Timestamp'], method: any.method.toUpperCase(), path: any.path }
        const changed = (name: typeof changedPart, bytes: Uint8Array) =>
          name === changedPart ? flipped(bytes, at, flip) : bytes
        const latin1 = (name: keyof typeof text) => Buffer.from(changed(name, Buffer.from(text[name]))).toString('utf8')
        fc.pre(changedPart !== 'method' || latin1('method').toUpperCase() !== text.method)
        const received = {
          method: latin1('method'),
          path: latin1('path'),
          body: changed('body', any.body),
          headers: { ...headers, 'X-Timestamp': latin1('timestamp') },
        }
        fc.pre(changedPart !== 'body' || any.body.length > 0)
        expect(verifyRequest(keyset, { ...any, headers }, { nowMs }).verified).toBe(true)
        expect(verifyRequest(keyset, received, { nowMs }).verified).toBe(false)
      }),
      { numRuns: 500 },
    )
  })

  it('refuses a signature in which any one digit was changed', () => {
    const signature = signed['X-Signature']
    for (let at = 7; at < signature.length; at++) {
      for (const digit of '0123456789abcdef') {
        if (digit === signature[at]) continue
        const headers = { ...signed, 'X-Signature': signature.slice(0, at) + digit + signature.slice(at + 1) }
        expect(verifyRequest(keyset, { ...request, headers }, { nowMs })).toEqual(invalid)
      }
    }
  })

  it('refuses a request when characters moved from one part to the next', () => {
    const text = `${nowMs}.GET./a.b.c`
    for (let at = 14; at < text.length; at++) {
      if (text[at] !== '.' || at === `${nowMs}.GET`.length) continue
      const parts = { method: text.slice(14, at), path: text.slice(at + 1) }
      const headers = signRequest(integrator, { method: 'GET', path: '/a.b.c' }, { nowMs })
      expect(verifyRequest(keyset, { ...parts, headers }, { nowMs })).toEqual(invalid)
    }
  })

  it('never throws and never verifies, whatever the headers, the method, the path and the text of the body are', () => {
    const value = fc.oneof(anyText, fc.constantFrom(...Object.values(signed)))
    const name = fc.oneof(fc.constantFrom(...Object.keys(signed), 'x-signature', 'get', '__proto__'), anyText)
    const headers: fc.Arbitrary<RequestHeaders> = fc.oneof(
      fc.array(fc.oneof(name, value), { maxLength: 12 }),
      fc.dictionary(name, fc.oneof(value, fc.array(value, { maxLength: 3 }), fc.constant(undefined))),
      fc.option(value, { nil: null }).map((text) => ({ get: () => text })),
    )
    fc.assert(
      fc.property(headers, anyText, anyText, anyText, (anyHeaders, method, path, body) => {
        const answer = verifyRequest(keyset, { method, path, headers: anyHeaders, body }, { nowMs })
        expect(answer.verified).toBe(false)
      }),
      { numRuns: 1000 },
    )
  })

  it('never throws and never verifies, whatever a gateway passes on', () => {
    const anything = fc.oneof(anyText, fc.anything())
    const parts = fc.record({
      timestamp: fc.oneof(anything, fc.constant(signed['X-Timestamp'])),
      signature: fc.oneof(anything, fc.constant(signed['X-Signature'])),
      method: fc.oneof(anyText, fc.constant('POST')),
      path: fc.oneof(anyText, fc.constant('/')),
      bodySha256: fc.oneof(anyText, fc.constant(bodySha256())),
    })
    fc.assert(
      fc.property(parts, (any) => {
        // What was read from JSON.
        expect(verifyRequestParts(keyset, any as RequestParts, { nowMs }).verified).toBe(false)
      }),
      { numRuns: 1000 },
    )
  })

  it('refuses a text with a lone surrogate where U+FFFD was signed, in path and body', () => {
    const genuine = { method: 'POST', path: '/\ufffd', body: '\ufffd' }
    const headers = signRequest(integrator, genuine, { nowMs })
    expect(verifyRequest(keyset, { ...genuine, headers }, { nowMs }).verified).toBe(true)
    expect(verifyRequest(keyset, { ...genuine, path: '/\ud800', headers }, { nowMs })).toEqual(invalid)
    expect(verifyRequest(keyset, { ...genuine, body: '\ud800', headers }, { nowMs })).toEqual(invalid)
  })

  it('takes the time of the system unless one is given', () => {
    const headers = signRequest(integrator, request)
    expect(verifyRequest(keyset, { ...request, headers }).verified).toBe(true)
    const old = signRequest(integrator, request, { nowMs: Date.now() - 310_000 })
    expect(verifyRequest(keyset, { ...request, headers: old })).toMatchObject({ reason: 'timestamp_out_of_range' })
  })

  it('says in which direction the signer is off, and from which time', () => {
    const clocks = [nowMs + 300_000.5, nowMs - 300_001]
    const answers = clocks.map((clock) => verifyRequest(keyset, { ...request, headers: signed }, { nowMs: clock }))
    expect(answers).toEqual([
      { verified: false, reason: 'timestamp_out_of_range', skewMs: -300_000.5, serverTimeMs: nowMs + 300_000.5 },
      { verified: false, reason: 'timestamp_out_of_range', skewMs: 300_001, serverTimeMs: nowMs - 300_001 },
    ])
  })

  it('answers with an id that is undefined or null', () => {
    for (const id of [undefined, null]) {
      const list = createKeyset([{ id, secret: integrator.secret }])
      expect(verifyRequest(list, { ...request, headers: signed }, { nowMs })).toMatchObject({
        verified: true,
        secretId: id,
      })
    }
  })

  it.each([
    ['a method that is no string', { method: undefined }, 'method must be a string'],
    ['a path that is no string', { path: new URL('http://127.0.0.1/') }, 'path must be a string'],
    ['no headers', { headers: undefined }, 'headers must be a list or an object'],
    ['headers that are a text', { headers: 'X-Timestamp: 1' }, 'headers must be a list or an object'],
    ['a parsed body', { body: {} }, 'body must be the raw bytes or the text that is sent, before it is parsed'],
    ['a body of null', { body: null }, 'body must be the raw bytes or the text that is sent, before it is parsed'],
  ])('throws for %s', (_, misuse, message) => {
    // What a caller without types may pass.
    const received = { ...request, headers: signed, ...misuse } as unknown as ReceivedRequest
    expect(() => verifyRequest(keyset, received, { nowMs })).toThrow(new TypeError(message))
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('throws for the clock %d', (clock) => {
    const misuse = () => verifyRequest(keyset, { ...request, headers: signed }, { nowMs: clock })
    expect(misuse).toThrow(new TypeError('nowMs must be a finite number'))
  })
})

describe('verifying the parts of a request', () => {
  const parts: RequestParts = {
    timestamp: signed['X-Timestamp'],
    method: 'POST',
    path: request.path,
    bodySha256: bodySha256(request.body),
    signature: signed['X-Signature'],
  }

  it('accepts what was signed, and answers with what to remember the signature by', () => {
    expect(verifyRequestParts(keyset, parts, { nowMs })).toEqual({
      verified: true,
      secretId: '1',
      timestampMs: nowMs,
      signature: parts.signature,
    })
  })

  it.each([
    ['timestamp_malformed', { timestamp: undefined }],
    ['signature_malformed', { signature: undefined }],
    ['signature_invalid', { bodySha256: bodySha256(request.body).toUpperCase() }],
    ['signature_invalid', { bodySha256: '' }],
    ['signature_invalid', { bodySha256: bodySha256('other') }],
    ['signature_invalid', { method: '' }],
    ['signature_invalid', { path: '' }],
  ])('refuses as %s: %j', (reason, changed) => {
    expect(verifyRequestParts(keyset, { ...parts, ...changed }, { nowMs })).toEqual({ verified: false, reason })
  })

  it.each([bodySha256().toUpperCase(), '', 'a', `${bodySha256()}\n`, `x.${bodySha256()}`])(
    'refuses the digest %j, also where it was signed as it is',
    (digest) => {
      const mac = createHmac('sha256', integrator.secret).update(`${nowMs}.POST.${request.path}.${digest}`)
      const malformed = { ...parts, bodySha256: digest, signature: `sha256=${mac.digest('hex')}` }
      expect(verifyRequestParts(keyset, malformed, { nowMs })).toEqual(invalid)
    },
  )

  it('throws for a digest that is no string', () => {
    // What a caller without types may pass.
    const misuse = { ...parts, bodySha256: Buffer.alloc(32) } as unknown as RequestParts
    expect(() => verifyRequestParts(keyset, misuse, { nowMs })).toThrow(new TypeError('bodySha256 must be a string'))
  })
})

describe('finding who signed a request', () => {
  const message = 'what was signed'
  const digest = Buffer.alloc(32)
  function observed(secret: string) {
    const prepared = prepareHmacKey(Buffer.from(secret))
    const computed: string[] = []
    const list = new Keyset([
      {
        ...prepared,
        id: 'observed',
        // Needed for the last step of each HMAC.
        get outerPad() {
          computed.push(secret)
          return prepared.outerPad
        },
      },
    ])
    return { list, computed }
  }

  it('costs one comparison also when the keyset is empty', () => {
    const decoy = observed('decoy')
    expect(findRequestSigner(createKeyset([]), message, digest, decoy.list)).toBeUndefined()
    expect(decoy.computed).toEqual(['decoy'])
  })

  it('costs one comparison for each secret when it is not', () => {
    const [one, decoy] = [observed('one'), observed('decoy')]
    expect(findRequestSigner(one.list, message, digest, decoy.list)).toBeUndefined()
    expect([...one.computed, ...decoy.computed]).toEqual(['one'])
  })

  it('finds nobody in an empty keyset even where the decoy would match', () => {
    const decoy = createKeyset([{ id: 'decoy', secret: integrator.secret }])
    const text = `${nowMs}.POST.${request.path}.${bodySha256(request.body)}`
    const signature = Buffer.from(signed['X-Signature'].slice(7), 'hex')
    expect(findRequestSigner(decoy, text, signature)).toMatchObject({ id: 'decoy' })
    expect(findRequestSigner(createKeyset([]), text, signature, decoy)).toBeUndefined()
  })
})

function flipped(bytes: Uint8Array, at: number, flip: number): Uint8Array {
  const copy = Uint8Array.from(bytes)
  const index = at % Math.max(1, copy.length)
  if (index < copy.length) copy[index] = (copy[index] ?? 0) ^ flip
  return copy
}
