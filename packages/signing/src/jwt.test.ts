import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { jwtVerify, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import vectors from '../test/vectors/jwt.json' with { type: 'json' }
import { signJwt, verifyJwt } from './jwt.ts'
import { createKeyset } from './keyset.ts'
import { refusalReasons } from './reasons.ts'

const secret = '9Zw0xNs3vKk0fPz9rwKqNbzH3mPVQmQxL9vhSm9Tk4A'
const keyset = createKeyset([{ id: '1', secret }])
const nowSeconds = 1_800_000_000

const verifyWithJose = (jwt: string, key = secret) =>
  jwtVerify(jwt, Buffer.from(key), {
    algorithms: ['HS256'],
    currentDate: new Date(nowSeconds * 1000),
    clockTolerance: 60,
  })

const acceptedByJose = (jwt: string, key = secret) =>
  verifyWithJose(jwt, key).then(
    () => true,
    () => false,
  )

const anyUserId = fc.string({ unit: 'binary', minLength: 1, maxLength: 200 })
const anySecret = fc.string({ unit: 'binary', minLength: 1, maxLength: 200, size: 'max' })
const anyFurtherClaims = fc.dictionary(
  fc.string().filter((name) => !['user_id', 'exp', 'nbf', 'iat', '__proto__'].includes(name)),
  fc.jsonValue({ maxDepth: 3 }),
  { maxKeys: 5 },
)

describe('verifying a JWT', () => {
  const { cases } = vectors
  const accepted = cases.filter(({ expected }) => expected.verified)
  const refused = cases.filter(({ expected }) => !expected.verified)

  it.each(accepted)('accepts: $name', ({ secrets, jwt, nowSeconds, userId, expected }) => {
    expect(verifyJwt(createKeyset(secrets), jwt, { nowSeconds, userId })).toEqual(expected)
  })

  it.each(refused)('refuses as $expected.reason: $name', ({ secrets, jwt, nowSeconds, userId, expected }) => {
    expect(verifyJwt(createKeyset(secrets), jwt, { nowSeconds, userId })).toEqual(expected)
  })

  it('has a vector for every reason there is', () => {
    expect(new Set(refused.map(({ expected }) => expected.reason))).toEqual(new Set(refusalReasons))
  })

  it('accepts exactly what jose accepts of times near now', async () => {
    const nearNow = fc.option(fc.integer({ min: nowSeconds - 120, max: nowSeconds + 120 }), { nil: undefined })
    await fc.assert(
      fc.asyncProperty(nearNow, nearNow, async (exp, nbf) => {
        const jwt = await new SignJWT({ user_id: 'user_1', ...(exp && { exp }), ...(nbf && { nbf }) })
          .setProtectedHeader({ alg: 'HS256' })
          .sign(Buffer.from(secret))
        expect(verifyJwt(keyset, jwt, { nowSeconds }).verified).toBe(await acceptedByJose(jwt))
      }),
    )
  })

  it('accepts whatever jose signs with HS256 for any secret, user and further claims', async () => {
    await fc.assert(
      fc.asyncProperty(anySecret, anyUserId, anyFurtherClaims, async (key, userId, further) => {
        const jwt = await new SignJWT({ ...further, user_id: userId })
          .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
          .sign(Buffer.from(key))
        const answer = verifyJwt(createKeyset([{ id: 'k', secret: key }]), jwt, { nowSeconds, userId })
        expect(answer).toEqual({ verified: true, secretId: 'k', userId })
      }),
    )
  })

  it.each(accepted)('accepts only what jose accepts: $name', async ({ secrets, jwt, expected }) => {
    const signer = secrets.find(({ id }) => id === expected.secretId)
    expect(await acceptedByJose(jwt, signer?.secret)).toBe(true)
  })

  it('is stricter than jose in these vectors, and in what concerns user_id', async () => {
    const joseAccepts: string[] = []
    for (const { name, secrets, jwt, userId, expected } of refused) {
      if (expected.reason === 'jwt_user_missing' || userId !== undefined) continue
      for (const one of secrets) if (await acceptedByJose(jwt, one.secret)) joseAccepts.push(name)
    }
    expect(joseAccepts).toEqual([
      '8193 bytes',
      'a newline after it',
      'padding after the signature',
      'padding after the payload',
      'a last character of the signature with unused bits set',
      'a last character of the payload with unused bits set',
      'a byte order mark before the payload',
      'typ JWE',
      'typ at+jwt',
      'typ application/jwt',
      'typ empty',
      'typ null',
      'typ a number',
      'typ an array',
      'exp is too large for a finite number',
      'iat is too large for a finite number',
      'iat of now + 61',
    ])
  })

  it('refuses a token in which any one character was changed', () => {
    const jwt = signJwt(secret, { user_id: 'user_1', exp: nowSeconds + 300 })
    for (let at = 0; at < jwt.length; at++) {
      for (const character of 'AQgw_.=') {
        if (character === jwt[at]) continue
        const changed = jwt.slice(0, at) + character + jwt.slice(at + 1)
        expect(verifyJwt(keyset, changed, { nowSeconds }).verified).toBe(false)
      }
    }
  })

  it('never throws, whatever the token', () => {
    const parts = fc.array(fc.oneof(fc.base64String(), fc.json().map(base64url), fc.string({ unit: 'binary' })))
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          parts.map((list) => list.join('.')),
        ),
        (text) => {
          expect(verifyJwt(keyset, text, { nowSeconds }).verified).toBe(false)
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('never throws, whatever was signed', () => {
    fc.assert(
      fc.property(fc.json(), fc.json(), (header, payload) => {
        const answer = verifyJwt(keyset, signed(header, payload), { nowSeconds })
        expect(answer.verified || refusalReasons.includes(answer.reason)).toBe(true)
      }),
    )
  })

  it('reads JSON nested as deep as 8 KiB allow', () => {
    const deep = `{"user_id":"user_1","a":${'['.repeat(2900)}${']'.repeat(2900)}}`
    expect(verifyJwt(keyset, signed('{"alg":"HS256"}', deep), { nowSeconds }).verified).toBe(true)
  })

  it.each([undefined, null, 1, ['a.b.c'], { split: 1 }])(
    'refuses a token that is no string: %j',
    (notAString: unknown) => {
      // What a caller without types may pass on from a request.
      const answer = verifyJwt(keyset, notAString as string, { nowSeconds })
      expect(answer).toEqual({ verified: false, reason: 'jwt_malformed' })
    },
  )

  it('allows as much leeway as given, and none when that is 0', () => {
    const jwt = signJwt(secret, { user_id: 'user_1', nbf: 1000, exp: 2000 })
    const reasonAt = (now: number, leewaySeconds: number) => {
      const answer = verifyJwt(keyset, jwt, { nowSeconds: now, leewaySeconds })
      return answer.verified ? 'verified' : answer.reason
    }
    expect([reasonAt(999.999, 0), reasonAt(1000, 0)]).toEqual(['jwt_not_yet_valid', 'verified'])
    expect([reasonAt(1999.999, 0), reasonAt(2000, 0)]).toEqual(['verified', 'jwt_expired'])
    expect([reasonAt(994, 5), reasonAt(995, 5)]).toEqual(['jwt_not_yet_valid', 'verified'])
    expect([reasonAt(2004, 5), reasonAt(2005, 5)]).toEqual(['verified', 'jwt_expired'])
  })

  it.each([Number.NaN, Infinity, -Infinity, undefined, '1800000000'])('throws for a clock of %s', (now) => {
    // What a caller without types may pass.
    const misuse = () => verifyJwt(keyset, 'any', { nowSeconds: now as number })
    expect(misuse).toThrow(new TypeError('nowSeconds must be a finite number'))
  })

  it.each([Number.NaN, Infinity, -1])('throws for a leeway of %s', (leewaySeconds) => {
    const misuse = () => verifyJwt(keyset, 'any', { nowSeconds, leewaySeconds })
    expect(misuse).toThrow(new TypeError('leewaySeconds must be a finite number, 0 or more'))
  })

  it('throws for a given user that is no string or holds a lone surrogate', () => {
    const misuse = (userId: unknown) => () => verifyJwt(keyset, 'any', { nowSeconds, userId: userId as string })
    expect(misuse(1)).toThrow(new TypeError('userId must be a string'))
    expect(misuse('\ud800')).toThrow(new TypeError('userId holds a lone surrogate, which has no UTF-8 form'))
  })
})

describe('signing a JWT', () => {
  it('gives a token that jose verifies, with the same claims, for any secret and user', async () => {
    await fc.assert(
      fc.asyncProperty(anySecret, anyUserId, anyFurtherClaims, async (key, userId, further) => {
        const claims = { ...further, user_id: userId, iat: nowSeconds, exp: nowSeconds + 300 }
        const { payload, protectedHeader } = await verifyWithJose(signJwt(key, claims), key)
        expect(payload).toEqual(JSON.parse(JSON.stringify(claims)))
        expect(protectedHeader).toEqual({ alg: 'HS256', typ: 'JWT' })
      }),
    )
  })

  it('gives a token that verifies here, for any secret and user', () => {
    fc.assert(
      fc.property(anySecret, anyUserId, (key, userId) => {
        const answer = verifyJwt(createKeyset([{ id: 'k', secret: key }]), signJwt(key, { user_id: userId }), {
          nowSeconds,
        })
        expect(answer).toEqual({ verified: true, secretId: 'k', userId })
      }),
    )
  })

  it('leaves out a claim that is undefined', () => {
    const jwt = signJwt(secret, { user_id: 'user_1', email: undefined })
    expect(payloadOf(jwt)).toBe('{"user_id":"user_1"}')
  })

  const userIdMessage = 'user_id must be a non-empty string without lone surrogates'
  const timeMessage = 'exp, nbf and iat must be finite numbers'
  it.each([
    ['no user_id', {}, userIdMessage],
    ['an empty user_id', { user_id: '' }, userIdMessage],
    ['a user_id that is a number', { user_id: 1 }, userIdMessage],
    ['a user_id with a lone surrogate', { user_id: 'user_\ud800' }, userIdMessage],
    ['an exp of NaN', { user_id: 'user_1', exp: Number.NaN }, timeMessage],
    ['an exp of Infinity', { user_id: 'user_1', exp: Infinity }, timeMessage],
    ['an nbf that is a string', { user_id: 'user_1', nbf: '1800000000' }, timeMessage],
    ['an iat that is a Date', { user_id: 'user_1', iat: new Date(0) }, timeMessage],
    ['claims in an array', ['user_1'], 'claims must be a JSON object'],
    ['claims of null', null, 'claims must be a JSON object'],
    ['no claims', undefined, 'claims must be a JSON object'],
  ])('throws for %s', (_, claims, message) => {
    // What a caller without types may pass.
    expect(() => signJwt(secret, claims as { user_id: string })).toThrow(new TypeError(message))
  })

  it('throws for an empty secret and for one with a lone surrogate', () => {
    expect(() => signJwt('', { user_id: 'user_1' })).toThrow(new TypeError('secret must not be empty'))
    expect(() => signJwt('\udc00', { user_id: 'user_1' })).toThrow(TypeError)
  })

  it('gives a token of 8192 bytes and throws for a longer one', () => {
    const padded = (length: number) => ({ user_id: 'user_1', pad: 'x'.repeat(length) })
    const longest = 6083 - JSON.stringify(padded(0)).length
    expect(signJwt(secret, padded(longest))).toHaveLength(8192)
    const message = 'the token must not be longer than 8192 bytes'
    expect(() => signJwt(secret, padded(longest + 1))).toThrow(new RangeError(message))
  })
})

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url')
}

function signed(header: string, payload: string): string {
  const input = `${base64url(header)}.${base64url(payload)}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

function payloadOf(jwt: string): string {
  return Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()
}
