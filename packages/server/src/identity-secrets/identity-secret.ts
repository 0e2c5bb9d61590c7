import type { Platform } from '@cutover/contract'
import type { SecretWindow } from '../signing-secrets/signing-secret.ts'
import type { WorkspaceId } from '../workspaces/workspace.ts'

export type IdentitySecretId = string & { readonly brand: 'IdentitySecretId' }

export type Platforms = Readonly<Record<Platform, boolean>>

/** An identity secret as it is listed: the type has no place for its material. */
export interface IdentitySecret {
  readonly id: IdentitySecretId
  readonly workspaceId: WorkspaceId
  readonly name: string
  readonly platforms: Platforms
  readonly createdAtMs: number
}

/** As the native dialect shows it: with all that has happened to it. */
export interface ManagedSecret extends IdentitySecret, SecretWindow {
  readonly fingerprint: string
  readonly createdBy: string
  readonly disabledAtMs: number | null
  readonly deletedAtMs: number | null
  readonly deletedBy: string | null
  /** `null`: its material is still there. */
  readonly purgedAtMs: number | null
  readonly successorId: IdentitySecretId | null
  /** Its end begins with the first use of its successor, this long after. */
  readonly awaitedGraceMs: number | null
  readonly lastVerifiedAtMs: number | null
}

export type SecretState = 'active' | 'disabled' | 'retiring' | 'expired' | 'deleted'

export function stateOf(
  secret: Pick<ManagedSecret, 'deletedAtMs' | 'disabledAtMs' | 'acceptedFromMs' | 'expiresAtMs'>,
  nowMs: number,
): SecretState {
  if (secret.deletedAtMs !== null) return 'deleted'
  if (secret.expiresAtMs !== null && nowMs >= secret.expiresAtMs) return 'expired'
  const isDisabled = secret.disabledAtMs !== null && (secret.acceptedFromMs === null || nowMs < secret.acceptedFromMs)
  if (isDisabled) return 'disabled'
  return secret.expiresAtMs === null ? 'active' : 'retiring'
}

/** How long a deleted one can be restored; then its material is destroyed. */
export const restorableMs = 7 * 86_400_000

export function purgeAtMs({ deletedAtMs }: Pick<ManagedSecret, 'deletedAtMs'>): number | null {
  return deletedAtMs === null ? null : deletedAtMs + restorableMs
}

/** 1 to 19 digits without a leading zero; `null` for anything else, and for what no store can have given out. */
export function parseIdentitySecretId(text: string): IdentitySecretId | null {
  if (!/^[1-9][0-9]{0,18}$/.test(text) || !Number.isSafeInteger(Number(text))) return null
  return text as IdentitySecretId // sound: the shape was just checked
}

/** What a kept answer that shows this secret is filed under. */
export function keptAnswerSubject(id: IdentitySecretId): string {
  return `identity_secret ${id}`
}
