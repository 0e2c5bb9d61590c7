import { Buffer } from 'node:buffer'
import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { type CheckpointContent, checkpointText } from './audit-chain.ts'
import { decodeBase64url } from './base64url.ts'

/** As `GET /v1/audit-log/checkpoint` answers it, and as the log line of each minute holds it. */
export interface AuditCheckpoint extends CheckpointContent {
  /** The `kid` of the key that signed it. */
  readonly keyId: string
  /** Ed25519 (RFC 8032), base64url without padding. */
  readonly signature: string
}

/** An Ed25519 public key as a JWK (RFC 8037), as `GET /v1/audit-log/key` answers it; other members are ignored. */
export interface AuditPublicKey {
  readonly kty: 'OKP'
  readonly crv: 'Ed25519'
  readonly x: string
}

export function importPublicKey({ kty, crv, x }: AuditPublicKey): KeyObject {
  return createPublicKey({ key: { kty, crv, x }, format: 'jwk' })
}

export function isSignedBy(key: KeyObject, checkpoint: AuditCheckpoint): boolean {
  const signature = decodeBase64url(checkpoint.signature)
  return signature !== undefined && verify(null, Buffer.from(checkpointText(checkpoint)), key, signature)
}

/**
 * By size, so that each can be asked when the log has come that far. What is wrong here is a mistake of the caller's:
 * a log cannot have caused it.
 */
export function inOrderOfSize(checkpoints: Iterable<AuditCheckpoint>): readonly AuditCheckpoint[] {
  const ordered = [...checkpoints].sort((a, b) => a.size - b.size)
  for (const { chain, size, headHash, signature } of ordered) {
    const isWhole = Number.isSafeInteger(size) && size >= 0 && /^[0-9a-f]{64}$/.test(headHash)
    if (!isWhole || typeof signature !== 'string') throw new TypeError('what was given as a checkpoint is none')
    if (chain !== ordered[0]?.chain) throw new TypeError('the checkpoints are of more than one chain')
  }
  return ordered
}
