import type { CreatedIdentitySecret, IdentitySecret as IdentitySecretWire } from '@cutover/contract'
import { type ManagedSecret, purgeAtMs, stateOf } from '../../identity-secrets/identity-secret.ts'
import { isoTime } from '../../iso-time.ts'
import { ageDays, type RotationPolicy, rotationDueAtMs } from '../../workspaces/rotation-policy.ts'

export function toIdentitySecret(secret: ManagedSecret, policy: RotationPolicy, nowMs: number): IdentitySecretWire {
  const state = stateOf(secret, nowMs)
  const isLive = state !== 'deleted' && state !== 'expired'
  const { web, ios, android } = secret.platforms
  return {
    id: secret.id,
    name: secret.name,
    platforms: { web, ios, android },
    state,
    fingerprint: secret.fingerprint,
    createdAt: isoTime(secret.createdAtMs),
    createdBy: secret.createdBy,
    disabledAt: state === 'disabled' ? isoTime(secret.disabledAtMs) : null,
    enableAt: state === 'disabled' ? isoTime(secret.acceptedFromMs) : null,
    expiresAt: isoTime(secret.expiresAtMs),
    deletedAt: isoTime(secret.deletedAtMs),
    deletedBy: secret.deletedBy,
    purgeAt: isoTime(purgeAtMs(secret)),
    ageDays: ageDays(secret, nowMs),
    rotationDueAt: isLive ? isoTime(rotationDueAtMs(secret, policy)) : null,
    lastVerifiedAt: isoTime(secret.lastVerifiedAtMs),
    successorId: secret.successorId,
  }
}

export function toCreatedIdentitySecret(
  secret: ManagedSecret,
  material: string,
  policy: RotationPolicy,
  nowMs: number,
): CreatedIdentitySecret {
  return { ...toIdentitySecret(secret, policy, nowMs), secret: material }
}
