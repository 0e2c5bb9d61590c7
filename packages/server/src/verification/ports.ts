import type { Platform } from '@cutover/contract'
import type { SecretWindow } from '../signing-secrets/signing-secret.ts'
import type { EnforcementByPlatform, WorkspaceId } from '../workspaces/workspace.ts'

/** A live identity secret as the store holds it: its material sealed. */
export interface SealedSecret extends SecretWindow {
  readonly id: string
  readonly sealed: string
  readonly platforms: Readonly<Record<Platform, boolean>>
}

export interface StoredKeyset {
  /** The epoch of the snapshot that the rest was read in. */
  readonly epoch: number
  /** `null`: there is no such workspace. */
  readonly workspace: { readonly enforcement: EnforcementByPlatform; readonly secrets: readonly SealedSecret[] } | null
}

/** A secret that somebody may have signed with, live or dead, its material sealed. */
export interface SealedCandidate extends SealedSecret {
  /** `null`: users are signed with it. */
  readonly integratorId: string | null
  readonly disabledAtMs: number | null
  readonly deletedAtMs: number | null
}

export interface CandidateReader {
  /**
   * Every live secret that users are signed with, those that ended last as far as they have their material, and
   * secrets of integrators. Oldest first.
   */
  load(workspaceId: WorkspaceId, nowMs: number): Promise<readonly SealedCandidate[]>
}

export interface KeysetReader {
  /** One statement, so that keyset and epoch are of one moment. Without what has ended at `nowMs`. */
  load(workspaceId: WorkspaceId, nowMs: number): Promise<StoredKeyset>
}
