import fc from 'fast-check'
import { Webhook } from 'standardwebhooks'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import vectors from '../test/vectors/webhook.json' with { type: 'json' }
import { signWebhook } from './sign-webhook.ts'
import { verifyWebhook } from './verify-webhook.ts'
import { createWebhookKeyset } from './webhook-keyset.ts'

const timestampSeconds = 1_800_000_000
const id = 'msg_1'
const body = Buffer.from('{}')
const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

type Headers = Readonly<Record<string, string>>

/** It knows no other clock than the system's. */
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: timestampSeconds * 1000 }))
afterEach(() => void vi.useRealTimers())

function oracleAccepts(received: { headers: Headers; body: Buffer }, key = secret): boolean {
  try {
    new Webhook(key).verify(received.body, received.headers, { jsonParse: false })
    return true
  } catch {
    return false
  }
}

function ourAnswer(received: { headers: Headers; body: Buffer }, secrets: readonly string[] = [secret]) {
  const keyset = createWebhookKeyset(
    'standard-webhooks',
    secrets.map((each, at) => ({ id: at, secret: each })),
  )
  return verifyWebhook(keyset, received, { nowSeconds: Date.now() / 1000 })
}

function signedByOracle(signedBody = body, signedId = id, key = secret): Headers {
  const signature = new Webhook(key).sign(signedId, new Date(timestampSeconds * 1000), signedBody)
  return { 'webhook-id': signedId, 'webhook-timestamp': String(timestampSeconds), 'webhook-signature': signature }
}

const anySecret = fc
  .uint8Array({ minLength: 24, maxLength: 64 })
  .map((key) => `whsec_${Buffer.from(key).toString('base64')}`)
const severalSecrets = fc.uniqueArray(anySecret, { minLength: 1, maxLength: 4 })
const visibleAscii = Array.from({ length: 94 }, (_, at) => String.fromCharCode(0x21 + at)).filter((one) => one !== '.')
const anyId = fc.string({ unit: fc.constantFrom(...visibleAscii), minLength: 1, maxLength: 64 })
const anyText = fc.string({ unit: 'binary', maxLength: 300 })

describe('beside standardwebhooks', () => {
  it('what we sign with several secrets, it accepts with each of them', () => {
    fc.assert(
      fc.property(severalSecrets, anyId, anyText, (secrets, signedId, text) => {
        const headers = signWebhook({
          scheme: 'standard-webhooks',
          secrets,
          id: signedId,
          timestampSeconds,
          body: text,
        })
        for (const each of secrets) expect(oracleAccepts({ headers, body: Buffer.from(text) }, each)).toBe(true)
      }),
    )
  })

  it('what it signs, we accept among several secrets', () => {
    fc.assert(
      fc.property(severalSecrets, fc.nat(), anyId, anyText, (secrets, pick, signedId, text) => {
        const at = pick % secrets.length
        const headers = signedByOracle(Buffer.from(text), signedId, secrets[at])
        const answer = ourAnswer({ headers, body: Buffer.from(text) }, secrets)
        expect(answer).toEqual({ verified: true, secretId: at, webhookId: signedId, timestampSeconds })
      }),
    )
  })

  it('what it accepts at any whole second, we accept, and nothing else', () => {
    const headers = signedByOracle()
    for (const seconds of [-301, -300, -299, 0, 299, 300, 301]) {
      vi.setSystemTime((timestampSeconds + seconds) * 1000)
      const accepted = oracleAccepts({ headers, body })
      expect(accepted).toBe(Math.abs(seconds) <= 300)
      expect(ourAnswer({ headers, body }).verified).toBe(accepted)
    }
  })
})

describe('the vectors', () => {
  const standard = vectors.cases.flatMap(({ name, scheme, secrets, headers, bodyHex, nowSeconds, expected }) => {
    const names = headers.map(([header = '']) => header)
    // A record has no place for a header that was sent twice.
    if (scheme !== 'standard-webhooks' || new Set(names).size < names.length) return []
    const received = { headers: Object.fromEntries(headers), body: Buffer.from(bodyHex, 'hex') }
    return [{ name, secrets, received, nowSeconds: nowSeconds ?? 0, expected }]
  })
  const acceptedByOracle = standard
    .filter(({ secrets, received, nowSeconds }) => {
      vi.useFakeTimers({ toFake: ['Date'], now: nowSeconds * 1000 })
      return secrets.some((each) => oracleAccepts(received, each.secret))
    })
    .map(({ name }) => name)
  vi.useRealTimers()

  it('that we accept, it accepts too, but for a body that it cannot read', () => {
    const accepted = standard.filter(({ expected }) => expected.verified).map(({ name }) => name)
    const refusedByOracle = accepted.filter((name) => !acceptedByOracle.includes(name))
    expect(refusedByOracle).toEqual(['a body that is no UTF-8'])
  })

  it('that we refuse, it refuses too, but for these', () => {
    const refused = standard.filter(({ expected }) => !expected.verified).map(({ name }) => name)
    expect(refused.filter((name) => acceptedByOracle.includes(name))).toEqual([
      'a millisecond too old',
      'the signature of the text that invalid bytes decode to',
      'a full stop in the id: what was signed as the beginning of the body',
      'a full stop in the id, genuine',
      'a space in the id',
      'in the timestamp: letters after the timestamp',
      'in the timestamp: a fraction',
      'in the timestamp: a plus sign',
      'in the timestamp: a leading zero',
      'in the timestamp: a space before the timestamp',
      'in the timestamp: a line feed after the timestamp',
      'in the timestamp: an exponent',
      'in the timestamp: the timestamp twice in one header',
      'in the signatures: a third part',
      'in the signatures: two spaces between signatures',
      'in the signatures: a space at the end',
      'in the signatures: a space at the beginning',
      'in the signatures: a comma between signatures',
      'in the signatures: a comma after one of another version',
      'in the signatures: a genuine one beside a v1 of 3 bytes',
      'in the signatures: a letter outside ASCII',
    ])
  })
})

describe('where standardwebhooks is lax', () => {
  const malformed = { verified: false, reason: 'webhook_malformed' }
  const genuine = signedByOracle()
  const signature = genuine['webhook-signature'] ?? ''

  it.each([
    [`${timestampSeconds}abc`],
    [`${timestampSeconds}.9`],
    [`${timestampSeconds}e3`],
    [`+${timestampSeconds}`],
    [` ${timestampSeconds}`],
    [`0${timestampSeconds}`],
    [`${timestampSeconds}, 1`],
  ])('it reads the timestamp %j with parseInt, we take digits alone', (timestamp) => {
    const headers = { ...genuine, 'webhook-timestamp': timestamp }
    expect(oracleAccepts({ headers, body })).toBe(true)
    expect(ourAnswer({ headers, body })).toEqual(malformed)
  })

  it('it floors its clock and accepts until just before the 301st second, we until the 300th', () => {
    vi.setSystemTime((timestampSeconds + 300) * 1000 + 999)
    expect(oracleAccepts({ headers: genuine, body })).toBe(true)
    expect(ourAnswer({ headers: genuine, body })).toEqual({ verified: false, reason: 'webhook_too_old' })
  })

  it('it verifies the text that a body decodes to, so that one signature fits many bodies, we the bytes', () => {
    const headers = signedByOracle(Buffer.from('\ufffd'))
    for (const other of [Buffer.of(0xff), Buffer.of(0xfe), Buffer.of(0x80)]) {
      expect(oracleAccepts({ headers, body: other })).toBe(true)
      expect(ourAnswer({ headers, body: other })).toEqual({ verified: false, reason: 'mismatch' })
    }
  })

  it('it refuses a genuine body that is no UTF-8, we accept it', () => {
    const bytes = Buffer.of(0xff, 0x00)
    const headers = signWebhook({ scheme: 'standard-webhooks', secrets: [secret], id, timestampSeconds, body: bytes })
    expect(oracleAccepts({ headers, body: bytes })).toBe(false)
    expect(ourAnswer({ headers, body: bytes })).toMatchObject({ verified: true })
  })

  it('it takes an id with a full stop, so that the beginning of a body passes for a timestamp', () => {
    const signed = Buffer.from(`${timestampSeconds}.{"forged":true}`)
    const past = timestampSeconds - 1_000_000
    const then = new Webhook(secret).sign('msg_1', new Date(past * 1000), signed)
    const headers = { ...genuine, 'webhook-id': `msg_1.${past}`, 'webhook-signature': then }
    const forged = Buffer.from('{"forged":true}')
    expect(oracleAccepts({ headers, body: forged })).toBe(true)
    expect(ourAnswer({ headers, body: forged })).toEqual(malformed)
  })

  it.each(['msg 1', 'msg_1, msg_1', 'msg_\u00e9', '\ud800'])('it takes the id %j, we take visible ASCII', (odd) => {
    const headers = signedByOracle(body, odd)
    expect(oracleAccepts({ headers, body })).toBe(true)
    expect(ourAnswer({ headers, body })).toEqual(malformed)
  })

  it.each([
    ['a third part', `${signature},x`],
    ['a header sent twice', `${signature}, ${signature}`],
    ['two spaces', `v1a,x  ${signature}`],
    ['an entry without a version', `x ${signature}`],
    ['a v1 that is no signature', `v1,x ${signature}`],
  ])('it accepts a list with %s, we refuse the list', (_, list) => {
    const headers = { ...genuine, 'webhook-signature': list }
    expect(oracleAccepts({ headers, body })).toBe(true)
    expect(ourAnswer({ headers, body })).toEqual(malformed)
  })

  it('it takes the last of two headers whose names differ in case, we refuse both', () => {
    const headers = { 'Webhook-Id': 'msg_other', ...genuine }
    expect(oracleAccepts({ headers, body })).toBe(true)
    expect(ourAnswer({ headers, body })).toEqual(malformed)
  })

  const key25 = Buffer.alloc(25, 0xff).toString('base64').replace('==', '')
  it.each([
    ['with unused bits set', `whsec_${key25.slice(0, -1)}x==`],
    ['with a line feed at its end', `whsec_${Buffer.alloc(24).toString('base64')}\n`],
    ['with characters left over', `whsec_${Buffer.alloc(24).toString('base64')}A`],
    ['without whsec_', secret.slice(6)],
    ['of one byte', 'whsec_QQ=='],
    ['of 65 bytes', `whsec_${Buffer.alloc(65).toString('base64')}`],
  ])('it takes a secret %s, we refuse it', (_, lax) => {
    const headers = signedByOracle(body, id, lax)
    expect(oracleAccepts({ headers, body }, lax)).toBe(true)
    expect(() => ourAnswer({ headers, body }, [lax])).toThrow(TypeError)
  })
})
