export { type JwtClaims, type JwtVerification, signJwt, type VerifyJwtOptions, verifyJwt } from './jwt.ts'
export { createKeyset, type Keyset, type SigningSecret } from './keyset.ts'
export { type RefusalReason, refusalReasons } from './reasons.ts'
export { signUserHash, type UserHashVerification, verifyUserHash } from './user-hash.ts'
