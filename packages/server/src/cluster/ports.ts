/** What of a verifier's memory a change makes out of date. */
export type ChangedPart = 'keyset' | 'integrator' | 'access_tokens' | 'workspaces' | 'workspace_deleted'

export interface Change {
  readonly epoch: number
  /** `null`: it concerns the instance as a whole. */
  readonly workspaceId: string | null
  readonly part: ChangedPart
  /** The key of the integrator, where the part is one. */
  readonly subject?: string | undefined
}

/** The part of a transaction that puts a change in its place in the one order of all changes. */
export interface EpochWriter {
  /** Takes the lock that orders all changes: first in every transaction that changes what a verifier reads. */
  advance(): Promise<number>
  record(change: Change): Promise<void>
}

export interface ChangeReader {
  /** The current epoch, and the changes after `epoch` in order, both of one snapshot; pruned ones are missing. */
  since(epoch: number): Promise<{ readonly current: number; readonly changes: readonly Change[] }>
}

/** Something that holds in memory what a change can make out of date. */
export interface Cache {
  apply(change: Change): void
  /** Forgets everything and discards what is being loaded. */
  dropAll(): void
}

/** Whether this node may answer from memory at this very moment. */
export interface Lease {
  isHeld(): boolean
}
