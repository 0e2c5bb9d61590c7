export { type CheckpointContent, chainHash, checkpointText, genesisHash } from './audit-chain.ts'
export type { AuditCheckpoint, AuditPublicKey } from './audit-checkpoint.ts'
export { type CanonicalObject, type CanonicalValue, canonicalJson } from './canonical-json.ts'
export { type JwtClaims, type JwtVerification, signJwt, type VerifyJwtOptions, verifyJwt } from './jwt.ts'
export { createKeyset, type Keyset, type SigningSecret } from './keyset.ts'
export { type RefusalReason, refusalReasons } from './reasons.ts'
export { signUserHash, type UserHashVerification, verifyUserHash } from './user-hash.ts'
export {
  type AuditLogEntry,
  type AuditLogFault,
  type AuditLogVerification,
  auditLogFaults,
  auditLogLine,
  type VerifyAuditLogOptions,
  verifyAuditLog,
} from './verify-audit-log.ts'
