/**
 * Why a verification was refused, in the order in which the checks are made: the first that fits is the answer.
 *
 * - `jwt_malformed`: not a strict compact JWS of at most 8192 bytes, header or payload no JSON object, any `crit`, a
 *   `typ` other than JWT, or an `exp`, `nbf` or `iat` that is no finite number
 * - `jwt_algorithm`: `alg` is not HS256
 * - `no_active_secret`: the keyset is empty
 * - `mismatch`: no secret of the keyset made this signature, or it vouches for another user
 * - `jwt_expired`, `jwt_not_yet_valid`: genuine, outside its time
 * - `jwt_user_missing`: genuine, without a usable `user_id`
 */
export const refusalReasons = [
  'jwt_malformed',
  'jwt_algorithm',
  'no_active_secret',
  'mismatch',
  'jwt_expired',
  'jwt_not_yet_valid',
  'jwt_user_missing',
] as const

export type RefusalReason = (typeof refusalReasons)[number]
