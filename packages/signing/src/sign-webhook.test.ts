import { createHmac } from 'node:crypto'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import vectors from '../test/vectors/webhook.json' with { type: 'json' }
import { type BodyWebhookToSign, type StandardWebhookToSign, signWebhook } from './sign-webhook.ts'
import { createWebhookKeyset } from './webhook-keyset.ts'
import type { WebhookScheme } from './webhook-secret.ts'

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const webhook = {
  scheme: 'standard-webhooks',
  secrets: [secret],
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestampSeconds: 1_614_265_330,
  body: '{"test": 2432232314}',
} as const satisfies StandardWebhookToSign

describe('signing a webhook', () => {
  it('gives the published signature of the specification’s own libraries', () => {
    expect(signWebhook(webhook)).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    })
  })

  it('lists one signature for each secret, in their order', () => {
    const other = `whsec_${Buffer.alloc(24).toString('base64')}`
    const listOf = (secrets: readonly string[]) => signWebhook({ ...webhook, secrets })['webhook-signature']
    expect(listOf([other, secret])).toBe(`${listOf([other])} ${listOf([secret])}`)
  })

  it('is X-Hub-Signature with the HMAC-SHA1 of the body in lowercase hex', () => {
    const hex = createHmac('sha1', 'client-secret').update(webhook.body).digest('hex')
    const headers = signWebhook({ scheme: 'x-hub-signature', secret: 'client-secret', body: webhook.body })
    expect(headers).toEqual({ 'X-Hub-Signature': `sha1=${hex}` })
  })

  it('is the HMAC-SHA256 of the body in lowercase hex, in a header of your choice', () => {
    const hex = createHmac('sha256', 'client-secret').update(webhook.body).digest('hex')
    const signed = { scheme: 'hex-sha256', secret: 'client-secret', body: webhook.body } as const
    expect(signWebhook(signed)).toEqual({ 'X-Body-Signature': hex })
    expect(signWebhook({ ...signed, signatureHeader: 'X-Signature' })).toEqual({ 'X-Signature': hex })
  })

  it('signs a string as its UTF-8 bytes, and bytes as they are', () => {
    const body = 'caf\u00e9 \u{1f511}'
    expect(signWebhook({ ...webhook, body })).toEqual(signWebhook({ ...webhook, body: Buffer.from(body) }))
    const middle = new Uint8Array([0, 1, 2, 3]).subarray(1, 3)
    expect(signWebhook({ ...webhook, body: middle })).toEqual(signWebhook({ ...webhook, body: Buffer.of(1, 2) }))
    const invalid = signWebhook({ ...webhook, body: Buffer.of(0xff) })
    expect(invalid).not.toEqual(signWebhook({ ...webhook, body: '\ufffd' }))
  })

  const signed = vectors.cases.filter(
    ({ scheme, expected: { verified } }) => scheme !== 'standard-webhooks' && verified,
  )
  it.each(signed)('is what the vector holds: $name', ({ scheme, secrets, bodyHex, headers, expected }) => {
    const signer = secrets.find(({ id }) => id === expected.secretId)
    const body = Buffer.from(bodyHex, 'hex')
    // Sound: the other scheme was filtered out.
    const ours = signWebhook({ scheme: scheme as BodyWebhookToSign['scheme'], secret: signer?.secret ?? '', body })
    expect(Object.values(ours)).toEqual([headers[0]?.[1]?.toLowerCase()])
  })
})

describe('misuse of signing a webhook', () => {
  it.each<[string, object, string]>([
    ['no secret', { secrets: [] }, 'a webhook must be signed with one secret at least'],
    ['an id with a full stop', { id: 'msg.1' }, 'id must be visible ASCII without a full stop'],
    ['an empty id', { id: '' }, 'id must be visible ASCII without a full stop'],
    ['an id with a space', { id: 'msg 1' }, 'id must be visible ASCII without a full stop'],
    ['an id outside ASCII', { id: 'msg_\u00e9' }, 'id must be visible ASCII without a full stop'],
    [
      'an id with a line feed, which would begin a header',
      { id: 'a\nb' },
      'id must be visible ASCII without a full stop',
    ],
    ['no id', { id: undefined }, 'id must be visible ASCII without a full stop'],
    ['milliseconds', { timestampSeconds: 1_614_265_330_000 }, 'timestampSeconds must be whole Unix seconds'],
    ['a fraction', { timestampSeconds: 1.5 }, 'timestampSeconds must be whole Unix seconds'],
    ['a negative time', { timestampSeconds: -1 }, 'timestampSeconds must be whole Unix seconds'],
    ['NaN', { timestampSeconds: Number.NaN }, 'timestampSeconds must be whole Unix seconds'],
    ['a time in a string', { timestampSeconds: '1614265330' }, 'timestampSeconds must be whole Unix seconds'],
    ['a parsed body', { body: {} }, 'a body that is not bytes must be a string'],
    ['no body', { body: undefined }, 'a body that is not bytes must be a string'],
    [
      'a body with a lone surrogate',
      { body: '\ud800' },
      'a body that is not bytes holds a lone surrogate, which has no UTF-8 form',
    ],
    ['an unknown scheme', { scheme: 'v1' }, 'scheme must be one of the three of WebhookScheme'],
  ])('throws for %s', (_, wrong, message) => {
    // What a caller without types may pass.
    const misuse = () => signWebhook({ ...webhook, ...wrong } as StandardWebhookToSign)
    expect(misuse).toThrow(new TypeError(message))
  })

  it.each([['x-hub-signature'], ['hex-sha256']] as const)('throws for an empty secret of %s', (scheme) => {
    expect(() => signWebhook({ scheme, secret: '', body: '' })).toThrow(new TypeError('secret must not be empty'))
  })
})

describe('the secrets of a webhook', () => {
  const base64Of = (length: number) => Buffer.alloc(length, 0xfb).toString('base64')
  const notWhsec = 'a secret of Standard Webhooks must be whsec_ followed by canonical base64'
  const notLong = 'a secret of Standard Webhooks must hold 24 to 64 bytes'

  it.each([
    ['without whsec_', base64Of(24), notWhsec],
    ['with WHSEC_', `WHSEC_${base64Of(24)}`, notWhsec],
    ['with a space before it', ` whsec_${base64Of(24)}`, notWhsec],
    ['without padding', `whsec_${base64Of(25).replaceAll('=', '')}`, notWhsec],
    ['with unused bits set', `whsec_${base64Of(25).replace('==', '').slice(0, -1)}/==`, notWhsec],
    ['with a line feed at its end', `whsec_${base64Of(24)}\n`, notWhsec],
    ['in base64url', `whsec_${Buffer.alloc(24, 0xfb).toString('base64url')}`, notWhsec],
    ['in hex', `whsec_${'z'.repeat(47)}`, notWhsec],
    ['of no bytes', 'whsec_', notLong],
    ['of 23 bytes', `whsec_${base64Of(23)}`, notLong],
    ['of 65 bytes', `whsec_${base64Of(65)}`, notLong],
    ['that is the private key of a v1a', `whsk_${base64Of(32)}`, notWhsec],
    ['that is empty', '', 'secret must not be empty'],
    ['that is missing', undefined, 'secret must be a string'],
    ['that is bytes', Buffer.alloc(32), 'secret must be a string'],
  ])('are refused %s, for signing and for verifying', (_, wrong, message) => {
    // What a caller without types may pass.
    const secrets = [secret, wrong as string]
    expect(() => signWebhook({ ...webhook, secrets })).toThrow(new TypeError(message))
    const list = secrets.map((each, id) => ({ id, secret: each }))
    expect(() => createWebhookKeyset('standard-webhooks', list)).toThrow(new TypeError(message))
  })

  it('are taken from 24 to 64 bytes', () => {
    for (const length of [24, 25, 26, 32, 64]) {
      const list = [{ id: 1, secret: `whsec_${base64Of(length)}` }]
      expect(createWebhookKeyset('standard-webhooks', list).size).toBe(1)
    }
  })

  it('are refused for a scheme that is none', () => {
    // What a caller without types may pass.
    const misuse = () => createWebhookKeyset('toString' as WebhookScheme, [])
    expect(misuse).toThrow(new TypeError('scheme must be one of the three of WebhookScheme'))
  })

  it('are not shown when a keyset is printed or serialized', () => {
    const keyset = createWebhookKeyset('standard-webhooks', [{ id: 'a', secret }])
    const printed = [
      inspect(keyset, { depth: Infinity, showHidden: true, getters: true }),
      inspect({ keyset }, { customInspect: false, depth: Infinity, showHidden: true }),
      JSON.stringify({ keyset }),
      Object.getOwnPropertyNames(keyset).join(),
    ].join()
    expect(JSON.parse(JSON.stringify(keyset))).toEqual({ scheme: 'standard-webhooks' })
    const key = Buffer.from(secret.slice(6), 'base64')
    for (const form of [secret.slice(6), key.toString('hex'), key.toString('latin1')]) {
      expect(printed).not.toContain(form)
    }
  })
})
