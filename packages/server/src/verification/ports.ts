import type { Platform } from '@cutover/contract'
import type { EnforcementByPlatform, WorkspaceId } from '../workspaces/workspace.ts'

/** A live identity secret as the store holds it: its material sealed. */
export interface SealedSecret {
  readonly id: string
  readonly sealed: string
  readonly platforms: Readonly<Record<Platform, boolean>>
  readonly expiresAtMs: number | null
}

export interface StoredKeyset {
  /** The epoch of the snapshot that the rest was read in. */
  readonly epoch: number
  /** `null`: there is no such workspace. */
  readonly workspace: { readonly enforcement: EnforcementByPlatform; readonly secrets: readonly SealedSecret[] } | null
}

export interface KeysetReader {
  /** One statement, so that keyset and epoch are of one moment. */
  load(workspaceId: WorkspaceId): Promise<StoredKeyset>
}
