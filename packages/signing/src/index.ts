export { type CheckpointContent, chainHash, checkpointText, genesisHash } from './audit-chain.ts'
export type { AuditCheckpoint, AuditPublicKey } from './audit-checkpoint.ts'
export { type CanonicalObject, type CanonicalValue, canonicalJson } from './canonical-json.ts'
export { type JwtClaims, type JwtVerification, signJwt, type VerifyJwtOptions, verifyJwt } from './jwt.ts'
export { createKeyset, type Keyset, type SigningSecret } from './keyset.ts'
export { type RefusalReason, refusalReasons } from './reasons.ts'
export type { ReceivedHeaders } from './received-headers.ts'
export { integratorKeyOf, type RequestHeaders } from './request-headers.ts'
export { type RequestRefusalReason, requestRefusalReasons } from './request-refusals.ts'
export { bodySha256 } from './request-signature.ts'
export { secretFingerprint } from './secret-fingerprint.ts'
export { type RequestToSign, type SignedRequestHeaders, type SignRequestOptions, signRequest } from './sign-request.ts'
export { type BodyWebhookToSign, type StandardWebhookToSign, signWebhook } from './sign-webhook.ts'
export { hasTokenChecksum, tokenChecksum } from './token-checksum.ts'
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
export {
  type ReceivedRequest,
  type RequestParts,
  type RequestVerification,
  type VerifyRequestOptions,
  verifyRequest,
  verifyRequestParts,
} from './verify-request.ts'
export {
  type BodyWebhookVerification,
  type ReceivedWebhook,
  type StandardWebhookVerification,
  type VerifyWebhookOptions,
  verifyWebhook,
} from './verify-webhook.ts'
export { createWebhookKeyset, type WebhookKeyset } from './webhook-keyset.ts'
export { type WebhookRefusalReason, webhookRefusalReasons } from './webhook-refusals.ts'
export type { WebhookScheme } from './webhook-secret.ts'
