import type { DisplayName } from '../display-name.ts'
import type { IdentitySecret, IdentitySecretId, ManagedSecret, Platforms } from './identity-secret.ts'

export interface NewIdentitySecret {
  readonly workspaceId: string
  readonly name: DisplayName
  readonly platforms: Platforms
  readonly fingerprint: string
  readonly createdAtMs: number
  readonly createdBy: string
}

export interface ListedSecret extends ManagedSecret {
  /** What `page` takes as `after`. */
  readonly cursor: string
}

export interface SecretFilter {
  /** `live`: neither deleted nor expired at `nowMs`. */
  readonly state: 'live' | 'all'
  readonly nowMs: number
  /** Only live ones made at this moment or before; `null`: however old. */
  readonly createdUntilMs: number | null
}

export interface IdentitySecretReader {
  /** Oldest first; deleted ones are absent. */
  list(workspaceId: string): Promise<readonly IdentitySecret[]>
  /** Oldest first, those after `after`. */
  page(workspaceId: string, filter: SecretFilter, after: string | null, limit: number): Promise<readonly ListedSecret[]>
  /** Deleted ones too. */
  find(workspaceId: string, id: IdentitySecretId): Promise<ManagedSecret | null>
  /** The change that deleted this secret, or `null` when it was never deleted or never was. */
  deletedAtEpoch(workspaceId: string, id: IdentitySecretId): Promise<number | null>
}

/** What a change of state writes; what is left out stays as it is. */
export interface SecretPatch {
  readonly name?: DisplayName
  readonly platforms?: Platforms
  readonly disabledAtMs?: number | null
  readonly acceptedFromMs?: number | null
  readonly expiresAtMs?: number | null
  readonly successorId?: IdentitySecretId
  readonly awaited?: { readonly id: IdentitySecretId; readonly graceMs: number } | null
}

/** A secret that was deleted so long ago that its material is to go. */
export interface PurgeableSecret {
  readonly workspaceId: string
  readonly id: string
  /** `null`: users were signed with it. */
  readonly integratorId: string | null
  readonly fingerprint: string
}

export interface IdentitySecretWriter extends IdentitySecretReader {
  /** Live: neither deleted nor expired. */
  countLive(workspaceId: string, nowMs: number): Promise<number>
  /** The row without its material, which is sealed to the id that this returns. */
  insert(secret: NewIdentitySecret): Promise<IdentitySecretId>
  setSealedMaterial(workspaceId: string, id: IdentitySecretId, sealed: string): Promise<void>
  /** Whether there was an undeleted one to change. */
  patch(workspaceId: string, id: IdentitySecretId, patch: SecretPatch): Promise<boolean>
  /** Whether there was a live one to delete. */
  markDeleted(
    workspaceId: string,
    id: IdentitySecretId,
    deletion: { readonly atMs: number; readonly by: string; readonly epoch: number },
  ): Promise<boolean>
  /** Live ones with this fingerprint. */
  liveHolders(workspaceId: string, fingerprint: string, nowMs: number): Promise<readonly IdentitySecretId[]>
  /** Back as disabled, with the end it had where that is still to come; whether it was deleted after `deletedAfterMs`, and its material is still there. */
  restore(workspaceId: string, id: IdentitySecretId, restoration: Restoration): Promise<boolean>
  /** Those deleted at or before this moment that still have their material, whoever signed with them. */
  purgeable(deletedUntilMs: number, limit: number): Promise<readonly PurgeableSecret[]>
  /** Destroys the material of one deleted at or before a moment for good; whether there was any. */
  purge(
    secret: Pick<PurgeableSecret, 'workspaceId' | 'id'>,
    purge: { readonly deletedUntilMs: number; readonly atMs: number },
  ): Promise<boolean>
  /** Secrets whose end begins with the first use of one of these, and has not come yet. */
  awaiting(usedIds: readonly IdentitySecretId[], nowMs: number): Promise<readonly ManagedSecret[]>
  /** Of every secret of the workspace, for good. */
  destroyMaterialOf(workspaceId: string): Promise<void>
}

export interface Restoration {
  readonly atMs: number
  readonly deletedAfterMs: number
}
