import type { DisplayName } from '../display-name.ts'
import type { IdentitySecret, IdentitySecretId, Platforms } from './identity-secret.ts'

export interface NewIdentitySecret {
  readonly workspaceId: string
  readonly name: DisplayName
  readonly platforms: Platforms
  readonly fingerprint: string
  readonly createdAtMs: number
  readonly createdBy: string
}

export interface IdentitySecretReader {
  /** Oldest first; deleted ones are absent. */
  list(workspaceId: string): Promise<readonly IdentitySecret[]>
  /** The change that deleted this secret, or `null` when it was never deleted or never was. */
  deletedAtEpoch(workspaceId: string, id: IdentitySecretId): Promise<number | null>
}

export interface IdentitySecretWriter {
  /** Live: neither deleted nor expired. */
  countLive(workspaceId: string, nowMs: number): Promise<number>
  /** The row without its material, which is sealed to the id that this returns. */
  insert(secret: NewIdentitySecret): Promise<IdentitySecretId>
  setSealedMaterial(workspaceId: string, id: IdentitySecretId, sealed: string): Promise<void>
  /** Whether there was a live one to delete. */
  markDeleted(
    workspaceId: string,
    id: IdentitySecretId,
    deletion: { readonly atMs: number; readonly by: string; readonly epoch: number },
  ): Promise<boolean>
  /** Of every secret of the workspace, for good. */
  destroyMaterialOf(workspaceId: string): Promise<void>
}
