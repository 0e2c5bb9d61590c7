import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import vectors from '../test/vectors/webhook.json' with { type: 'json' }
import { signWebhook } from './sign-webhook.ts'
import { type ReceivedWebhook, type VerifyWebhookOptions, verifyWebhook } from './verify-webhook.ts'
import { createWebhookKeyset, type WebhookKeyset } from './webhook-keyset.ts'
import { webhookRefusalReasons } from './webhook-refusals.ts'
import type { WebhookScheme } from './webhook-secret.ts'

const timestampSeconds = 1_800_000_000
const options = { nowSeconds: timestampSeconds }
const schemes = ['standard-webhooks', 'x-hub-signature', 'hex-sha256'] as const

const whsec = (key: Uint8Array) => `whsec_${Buffer.from(key).toString('base64')}`
const anyWhsec = fc.uint8Array({ minLength: 24, maxLength: 64 }).map(whsec)
const anySecret = fc.string({ unit: 'binary', minLength: 1, maxLength: 100 })
const anyBody = fc.uint8Array({ maxLength: 300 })
const visibleAscii = Array.from({ length: 94 }, (_, at) => String.fromCharCode(0x21 + at)).filter((one) => one !== '.')
const anyId = fc.string({ unit: fc.constantFrom(...visibleAscii), minLength: 1, maxLength: 64 })

/** As a caller does who reads the scheme from a configuration. */
function verify(
  keyset: WebhookKeyset<WebhookScheme, unknown>,
  received: ReceivedWebhook,
  verifyOptions: VerifyWebhookOptions = options,
) {
  // Sound: each of the three has an overload.
  return verifyWebhook(keyset as WebhookKeyset<'standard-webhooks', unknown>, received, verifyOptions)
}

function isScheme(text: string): text is WebhookScheme {
  return schemes.some((scheme) => scheme === text)
}

const cases = vectors.cases.map(({ scheme, bodyHex, headers, nowSeconds, signatureHeader, ...others }) => {
  if (!isScheme(scheme)) throw new Error(`${scheme} is no scheme`)
  return {
    scheme,
    body: Buffer.from(bodyHex, 'hex'),
    rawHeaders: headers.flat(),
    nowSeconds,
    signatureHeader,
    ...others,
  }
})

describe('verifying a webhook', () => {
  const accepted = cases.filter(({ expected }) => expected.verified)
  const refused = cases.filter(({ expected }) => !expected.verified)

  it.each(accepted)(
    'accepts: $name',
    ({ scheme, secrets, rawHeaders, body, nowSeconds, signatureHeader, expected }) => {
      const keyset = createWebhookKeyset(scheme, secrets)
      expect(verify(keyset, { headers: rawHeaders, body }, { nowSeconds, signatureHeader })).toEqual(expected)
    },
  )

  it.each(refused)(
    'refuses as $expected.reason: $name',
    ({ scheme, secrets, rawHeaders, body, nowSeconds, signatureHeader, expected }) => {
      const keyset = createWebhookKeyset(scheme, secrets)
      expect(verify(keyset, { headers: rawHeaders, body }, { nowSeconds, signatureHeader })).toEqual(expected)
    },
  )

  it('has a vector for every reason there is', () => {
    expect(new Set(refused.map(({ expected }) => expected.reason))).toEqual(new Set(webhookRefusalReasons))
  })

  it('accepts any body that any of several secrets signed, and names the secret, the id and the timestamp', () => {
    const several = fc.uniqueArray(anyWhsec, { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(several, fc.nat(), anyId, anyBody, (secrets, pick, id, body) => {
        const at = pick % secrets.length
        const list = secrets.map((secret, secretId) => ({ id: secretId, secret }))
        const signed = { scheme: 'standard-webhooks', id, timestampSeconds, body } as const
        const headers = signWebhook({ ...signed, secrets: [secrets[at] ?? ''] })
        const genuine = { verified: true, secretId: at, webhookId: id, timestampSeconds }
        expect(verifyWebhook(createWebhookKeyset('standard-webhooks', list), { headers, body }, options)).toEqual(
          genuine,
        )
        const others = createWebhookKeyset('standard-webhooks', list.toSpliced(at, 1))
        expect(verifyWebhook(others, { headers, body }, options).verified).toBe(false)
      }),
    )
  })

  it.each(['x-hub-signature', 'hex-sha256'] as const)(
    'accepts any body that any of several secrets signed, and names the secret: %s',
    (scheme) => {
      const several = fc.uniqueArray(anySecret, { minLength: 1, maxLength: 5 })
      fc.assert(
        fc.property(several, fc.nat(), anyBody, (secrets, pick, body) => {
          const at = pick % secrets.length
          const list = secrets.map((secret, id) => ({ id, secret }))
          const headers = signWebhook({ scheme, secret: secrets[at] ?? '', body })
          const answer = verifyWebhook(createWebhookKeyset(scheme, list), { headers, body })
          expect(answer).toEqual({ verified: true, secretId: at })
          const others = createWebhookKeyset(scheme, list.toSpliced(at, 1))
          expect(verifyWebhook(others, { headers, body }).verified).toBe(false)
        }),
      )
    },
  )

  it('refuses another body than the one that was signed', () => {
    fc.assert(
      fc.property(fc.constantFrom(...schemes), anyBody, anyBody, (scheme, body, other) => {
        fc.pre(Buffer.compare(body, other) !== 0)
        const { keyset, headers } = genuineOf(scheme, body)
        expect(verify(keyset, { headers, body })).toMatchObject({ verified: true })
        expect(verify(keyset, { headers, body: other })).toEqual({ verified: false, reason: 'mismatch' })
      }),
    )
  })

  it('refuses a header in which any one character was changed', () => {
    const body = Buffer.from('{}')
    for (const scheme of schemes) {
      const { keyset, headers } = genuineOf(scheme, body)
      for (const [name, value] of Object.entries(headers)) {
        for (let at = 0; at < value.length; at++) {
          for (const character of '0A1Bg.,= +/\u0130') {
            const changed = value.slice(0, at) + character + value.slice(at + 1)
            if (changed.toLowerCase() === value.toLowerCase()) continue
            expect(verify(keyset, { headers: { ...headers, [name]: changed }, body }).verified).toBe(false)
          }
        }
      }
    }
  })

  it('never throws and never accepts, whatever the headers hold', () => {
    const anyText = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...'v1,= .aA0+/\ud800\u0130') }),
      fc.base64String().map((text) => `v1,${text}`),
      fc.stringMatching(/^sha1=[0-9a-f]{38,42}$/),
      fc.stringMatching(/^[0-9a-f]{62,66}$/),
      fc.stringMatching(/^18000000[0-9]{2}$/),
    )
    const anyValue = fc.oneof(anyText, fc.array(anyText), fc.anything())
    const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature', 'x-hub-signature', 'x-body-signature']
    const anyName = fc.constantFrom(...names, ...names.map((name) => name.toUpperCase()), 'get', '__proto__')
    const anyHeaders = fc.oneof(
      fc.array(fc.tuple(anyName, anyValue)).map((pairs) => Object.fromEntries(pairs)),
      fc.array(fc.tuple(anyName, anyValue)).map((pairs) => pairs.flat()),
      fc.array(fc.anything()),
    )
    const body = Buffer.from('{}')
    fc.assert(
      fc.property(fc.constantFrom(...schemes), anyHeaders, (scheme, headers) => {
        fc.pre(typeof headers !== 'function' && !('get' in headers && typeof headers['get'] === 'function'))
        // What a caller without types may pass on from a request.
        const received = { headers: headers as string[], body }
        expect(verify(genuineOf(scheme, body).keyset, received).verified).toBe(false)
      }),
      { numRuns: 2000 },
    )
  })

  it('never throws for a header of a million characters', () => {
    const body = Buffer.from('{}')
    for (const one of ['a', '0', ' ', ',', 'v1,A', 'v1,A ']) {
      for (const scheme of schemes) {
        const { keyset, headers } = genuineOf(scheme, body)
        for (const name of Object.keys(headers)) {
          const long = { ...headers, [name]: one.repeat(1_000_000) }
          expect(verify(keyset, { headers: long, body }).verified).toBe(false)
        }
      }
    }
  })

  it('has time to spare for a list of ten thousand signatures', () => {
    const body = Buffer.alloc(1_000_000)
    const { keyset, headers } = genuineOf('standard-webhooks', body)
    const wrong = `v1,${Buffer.alloc(32).toString('base64')} `
    const list = { ...headers, 'webhook-signature': wrong.repeat(10_000) + headers['webhook-signature'] }
    const startedAt = performance.now()
    expect(verify(keyset, { headers: list, body })).toMatchObject({ verified: true })
    // Ten gigabytes would be hashed if the secret hashed the body once for each of them.
    expect(performance.now() - startedAt).toBeLessThan(2000)
  })

  it('takes the system’s clock unless another one is given', () => {
    const body = Buffer.from('{}')
    const secrets = [whsec(Buffer.alloc(24))]
    const keyset = createWebhookKeyset('standard-webhooks', [{ id: 'a', secret: secrets[0] ?? '' }])
    const nowSeconds = Math.floor(Date.now() / 1000)
    const answers = [0, -310, 310].map((late) => {
      const signed = {
        scheme: 'standard-webhooks',
        secrets,
        id: 'a',
        timestampSeconds: nowSeconds + late,
        body,
      } as const
      return verifyWebhook(keyset, { headers: signWebhook(signed), body })
    })
    expect(answers).toMatchObject([{ verified: true }, { reason: 'webhook_too_old' }, { reason: 'webhook_too_new' }])
  })

  it('accepts up to another tolerance when one is given', () => {
    const { keyset, headers } = genuineOf('standard-webhooks', Buffer.from('{}'))
    const at = (nowSeconds: number, toleranceSeconds: number) =>
      verify(keyset, { headers, body: Buffer.from('{}') }, { nowSeconds, toleranceSeconds }).verified
    expect([at(timestampSeconds, 0), at(timestampSeconds + 1, 0)]).toEqual([true, false])
    expect([at(timestampSeconds - 3600, 3600), at(timestampSeconds - 3601, 3600)]).toEqual([true, false])
  })
})

describe('the headers of a webhook', () => {
  const body = Buffer.from('{}')
  const { keyset, headers } = genuineOf('standard-webhooks', body)
  const malformed = { verified: false, reason: 'webhook_malformed' }

  it('may be a Fetch Headers, a record in any case, or rawHeaders', () => {
    const upperCase = Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value] as const)
    for (const each of [new Headers(headers), headers, Object.fromEntries(upperCase), upperCase.flat()]) {
      expect(verify(keyset, { headers: each, body })).toMatchObject({ verified: true })
    }
  })

  it('are refused when one was sent twice, in whichever form they come', () => {
    for (const [name, value] of Object.entries(headers)) {
      const fetchHeaders = new Headers(headers)
      fetchHeaders.append(name, value)
      const twice = [
        fetchHeaders,
        { ...headers, [name]: `${value}, ${value}` },
        { ...headers, [name]: [value, value] },
        { ...headers, [name]: [value] },
        { ...headers, [name.toUpperCase()]: value },
        [...Object.entries(headers).flat(), name.toUpperCase(), value],
        [...Object.entries(headers).flat(), name, ''],
      ]
      for (const each of twice) expect(verify(keyset, { headers: each, body })).toEqual(malformed)
    }
  })

  it('are read by their own names alone, also when one is called get', () => {
    expect(verify(keyset, { headers: { ...headers, get: 'x' }, body })).toMatchObject({ verified: true })
    const inherited = Object.create(headers)
    expect(verify(keyset, { headers: inherited, body })).toEqual({ verified: false, reason: 'webhook_header_missing' })
  })

  it('are told from values that read like their names', () => {
    const raw = ['accept', 'webhook-id', ...Object.entries(headers).flat(), 'accept', 'webhook-signature']
    expect(verify(keyset, { headers: raw, body })).toMatchObject({ verified: true })
  })

  it('count as missing in whichever form they come', () => {
    const fetchHeaders = new Headers(headers)
    fetchHeaders.delete('webhook-id')
    const raw = Object.entries(headers).flat().slice(2)
    for (const each of [fetchHeaders, { ...headers, 'webhook-id': undefined }, raw, [...raw, 'webhook-id'], {}, []]) {
      expect(verify(keyset, { headers: each, body })).toEqual({ verified: false, reason: 'webhook_header_missing' })
    }
  })
})

describe('misuse of verifying a webhook', () => {
  const body = Buffer.from('{}')

  it.each([[{ parsed: true }], ['{}'], [undefined], [null], [[123, 125]], [new ArrayBuffer(2)]])(
    'throws for the body %j, which is not the raw bytes',
    (notRaw: unknown) => {
      for (const scheme of schemes) {
        const { keyset, headers } = genuineOf(scheme, body)
        // What a caller without types may pass.
        const misuse = () => verify(keyset, { headers, body: notRaw as Uint8Array })
        expect(misuse).toThrow(new TypeError('body must be the raw bytes, before they are decoded or parsed'))
      }
    },
  )

  it.each([
    [{ nowSeconds: Number.NaN }, 'nowSeconds must be a finite number'],
    [{ nowSeconds: Number.POSITIVE_INFINITY }, 'nowSeconds must be a finite number'],
    [{ toleranceSeconds: -1 }, 'toleranceSeconds must be a finite number, 0 or more'],
    [{ toleranceSeconds: Number.NaN }, 'toleranceSeconds must be a finite number, 0 or more'],
    [{ toleranceSeconds: Number.POSITIVE_INFINITY }, 'toleranceSeconds must be a finite number, 0 or more'],
  ])('throws for the clock %j', (wrong, message) => {
    const { keyset, headers } = genuineOf('standard-webhooks', body)
    expect(() => verify(keyset, { headers, body }, { ...options, ...wrong })).toThrow(new TypeError(message))
  })
})

function genuineOf(scheme: WebhookScheme, body: Uint8Array) {
  const secret = scheme === 'standard-webhooks' ? whsec(Buffer.alloc(32, 7)) : 'client-secret'
  const keyset = createWebhookKeyset(scheme, [{ id: 'a', secret }])
  const headers =
    scheme === 'standard-webhooks'
      ? signWebhook({ scheme, secrets: [secret], id: 'msg_1', timestampSeconds, body })
      : signWebhook({ scheme, secret, body })
  return { keyset, headers }
}
