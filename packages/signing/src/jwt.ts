import { createHmac } from 'node:crypto'
import { encodeBase64url } from './base64url.ts'
import { type JsonObject, MAX_JWT_BYTES, parseCompactJws, parseJsonObject } from './compact-jws.ts'
import { findSigner, type Keyset } from './keyset.ts'
import type { RefusalReason } from './reasons.ts'
import { assertSecret } from './secret.ts'
import { assertWellFormed } from './well-formed.ts'

const SIGNATURE_BYTES = 32
const DEFAULT_LEEWAY_SECONDS = 60

/** What a token says: `exp`, `nbf` and `iat` are Unix seconds (RFC 7519 §4.1), any other claim is any JSON value. */
export interface JwtClaims {
  readonly user_id: string
  readonly exp?: number
  readonly nbf?: number
  readonly iat?: number
  readonly [claim: string]: unknown
}

export interface VerifyJwtOptions {
  /** The verifier's clock, in Unix seconds; fractions are allowed. */
  readonly nowSeconds: number
  /** The user that the token must vouch for. Without it, any user's token verifies. */
  readonly userId?: string | undefined
  /** How far the signer's clock may be off, in seconds. 60 unless given. */
  readonly leewaySeconds?: number | undefined
}

export type JwtVerification<Id = string> =
  | { readonly verified: true; readonly secretId: Id; readonly userId: string }
  | { readonly verified: false; readonly reason: RefusalReason }

/**
 * Signs claims as a compact JWS with HS256 (RFC 7515, RFC 7519), header `{"alg":"HS256","typ":"JWT"}`. No claim is
 * added: give `exp`, so that a stolen token ends by itself.
 *
 * @param secret - the secret string exactly as issued; its UTF-8 bytes are the key.
 * @returns at most 8192 ASCII characters.
 * @throws TypeError for claims that {@link verifyJwt} would refuse whatever the time: a `user_id` that is no string, is
 *   empty or holds a lone surrogate, a time that is no finite number; for claims that are no JSON object; for an empty
 *   secret or one with a lone surrogate.
 * @throws RangeError when the token would be longer than 8192 bytes.
 */
export function signJwt(secret: string, claims: JwtClaims): string {
  assertSecret(secret)
  const payload = JSON.stringify(claims) ?? ''
  // What is signed is checked, not what was given: JSON turns NaN into null and leaves undefined out.
  const signed = parseJsonObject(payload)
  if (!signed) throw new TypeError('claims must be a JSON object')
  if (!hasValidTimes(signed)) throw new TypeError('exp, nbf and iat must be finite numbers')
  if (userIdOf(signed) === undefined) throw new TypeError('user_id must be a non-empty string without lone surrogates')

  const signingInput = `${encodeBase64url('{"alg":"HS256","typ":"JWT"}')}.${encodeBase64url(payload)}`
  const jwt = `${signingInput}.${createHmac('sha256', secret).update(signingInput).digest('base64url')}`
  if (jwt.length > MAX_JWT_BYTES) throw new RangeError(`the token must not be longer than ${MAX_JWT_BYTES} bytes`)
  return jwt
}

/**
 * Says which secret of the keyset signed a token, if any did, and whom it vouches for. All are compared, in constant
 * time. Stricter than RFC 7515 and RFC 7519 ask: HS256 only, canonical base64url without padding, at most 8192 bytes,
 * any `crit` refused, `typ` absent or JWT in any case, a non-empty `user_id` without lone surrogates. Of a repeated
 * JSON name the last value counts.
 *
 * @param jwt - compact JWS; whatever else it is, is `jwt_malformed`.
 * @returns secret and `userId` (the claim, and the only id to go on with), or the first reason that fits, in the order
 *   of {@link refusalReasons}; after these, a `user_id` other than `options.userId` is a `mismatch`. A token is refused
 *   from `exp + leewaySeconds` on (half-open), and while `nbf` or `iat` is later than `nowSeconds + leewaySeconds`.
 * @throws TypeError when `nowSeconds` is no finite number, `leewaySeconds` is no finite number from 0 on, or
 *   `options.userId` is no string or holds a lone surrogate. A bad token never throws.
 */
export function verifyJwt<Id>(keyset: Keyset<Id>, jwt: string, options: VerifyJwtOptions): JwtVerification<Id> {
  const { nowSeconds, userId, leewaySeconds = DEFAULT_LEEWAY_SECONDS } = options
  assertClock(nowSeconds, leewaySeconds)
  if (userId !== undefined) assertWellFormed('userId', userId)

  const token = typeof jwt === 'string' ? parseCompactJws(jwt) : undefined
  if (!token || !hasPlainHeader(token.header) || !hasValidTimes(token.payload)) return refused('jwt_malformed')
  if (token.header['alg'] !== 'HS256') return refused('jwt_algorithm')
  if (keyset.size === 0) return refused('no_active_secret')
  if (token.signature.length !== SIGNATURE_BYTES) return refused('mismatch')
  const signer = findSigner(keyset, token.signingInput, token.signature)
  if (!signer) return refused('mismatch')

  const timeRefusal = checkTimes(token.payload, nowSeconds, leewaySeconds)
  if (timeRefusal) return refused(timeRefusal)
  const vouchedUserId = userIdOf(token.payload)
  if (vouchedUserId === undefined) return refused('jwt_user_missing')
  // Otherwise an attacker's own token would vouch for a victim's id.
  if (userId !== undefined && userId !== vouchedUserId) return refused('mismatch')
  return { verified: true, secretId: signer.id, userId: vouchedUserId }
}

function refused(reason: RefusalReason): { verified: false; reason: RefusalReason } {
  return { verified: false, reason }
}

/** A clock of NaN is neither before nor after anything, so that every token would be in time. */
function assertClock(nowSeconds: number, leewaySeconds: number): void {
  if (!Number.isFinite(nowSeconds)) throw new TypeError('nowSeconds must be a finite number')
  if (!Number.isFinite(leewaySeconds) || leewaySeconds < 0) {
    throw new TypeError('leewaySeconds must be a finite number, 0 or more')
  }
}

/** RFC 7515 §4.1.11: a `crit` that is not understood must be refused, and none is understood here. */
function hasPlainHeader(header: JsonObject): boolean {
  if (Object.hasOwn(header, 'crit')) return false
  return !Object.hasOwn(header, 'typ') || (typeof header['typ'] === 'string' && /^jwt$/i.test(header['typ']))
}

/** `JSON.parse('1e400')` is Infinity: a token that never ends. */
function hasValidTimes(claims: JsonObject): boolean {
  return ['exp', 'nbf', 'iat'].every((name) => !Object.hasOwn(claims, name) || Number.isFinite(claims[name]))
}

function checkTimes(
  claims: JsonObject,
  nowSeconds: number,
  leewaySeconds: number,
): 'jwt_expired' | 'jwt_not_yet_valid' | undefined {
  const { exp, nbf, iat } = claims
  if (typeof exp === 'number' && nowSeconds >= exp + leewaySeconds) return 'jwt_expired'
  if (typeof nbf === 'number' && nbf > nowSeconds + leewaySeconds) return 'jwt_not_yet_valid'
  if (typeof iat === 'number' && iat > nowSeconds + leewaySeconds) return 'jwt_not_yet_valid'
  return undefined
}

/** A `user_id` with a lone surrogate names nobody: no identifier in UTF-8 could equal it. */
function userIdOf(claims: JsonObject): string | undefined {
  const userId = claims['user_id']
  return typeof userId === 'string' && userId !== '' && userId.isWellFormed() ? userId : undefined
}
