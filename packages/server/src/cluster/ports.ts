import type { NodeRow, SilentNode } from './barrier.ts'
import type { Batch, Grant } from './store-requests.ts'

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

/** An audit entry that is in the store for good: another one in its place means that the store is another one. */
export interface AuditPlace {
  readonly chain: string
  readonly sequence: number
  readonly hash: string
}

/** The part of a transaction that puts a change in its place in the one order of all changes. */
export interface EpochWriter {
  /** Takes the lock that orders all changes: first in every transaction that changes what a verifier reads. */
  advance(): Promise<number>
  /** After its audit entry: nodes learn from `audit` that this is still the store they know. */
  record(change: Change, audit: AuditPlace): Promise<void>
}

/** A change as other nodes read it. */
export interface RecordedChange extends Change {
  /** `null` for what a release before nodes had recorded. */
  readonly audit: AuditPlace | null
}

export interface ChangeReader {
  /** The current epoch, and the changes after `epoch` in order, both of one snapshot; pruned ones are missing. */
  since(epoch: number): Promise<Batch<RecordedChange>>
  /** As `since`. `diverged`: `known` is not in that snapshot, so that its changes are another store's. */
  follow(epoch: number, known: AuditPlace | null): Promise<Batch<RecordedChange> | 'diverged'>
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

/** What a change waits for before it is answered. */
export interface Barrier {
  /** Resolves when no node holds the state before the change of this epoch any more. */
  passed(epoch: number): Promise<void>
}

/** Where the newest change is remembered outside the store. */
export interface MarkWriter {
  /** On disk when it returns; throws when it may not be. */
  append(mark: RevocationMark): void
  /** Whether a mark of `epoch` or a later one is known to be on disk. */
  remembers(epoch: number): boolean
}

/** A change that was answered, and its audit entry. */
export interface RevocationMark {
  readonly epoch: number
  readonly audit: AuditPlace
}

/** What a node tells of itself. */
export interface NodeFacts {
  readonly version: string
  /** The `kid` of each master key that the node can open with. */
  readonly keyIds: readonly string[]
  readonly leaseMs: number
}

export interface Registration extends NodeFacts {
  readonly nodeId: string
  /** For how long the process has been running. */
  readonly upMs: number
}

/** With the newest entry of a chain that every store has: by it the node knows the store again. */
export interface Registered extends Grant {
  readonly newest: AuditPlace
}

/** A node that lacks keys under which others seal could not open what it is asked about: it is not registered. */
export interface KeysMissing {
  readonly missingKeyIds: readonly string[]
}

/** A node, and how long its lease lasts. */
export interface LeasedRow extends NodeRow {
  readonly leaseMs: number
}

/** A node as an operator sees it. */
export interface ListedNode extends NodeFacts, NodeRow {
  /** By the clock of the store, like everything here. */
  readonly startedAtMs: number
  /** Of what its last renewal granted; 0 when that is over. */
  readonly leaseLeftMs: number
  /** After so long nobody uses that lease any more, by whatever clock; negative: for so long nobody does. */
  readonly outwaitedInMs: number
}

/** The list of nodes, as the store keeps it. */
export interface NodeStore {
  /**
   * In a transaction that holds the lock of the epoch, so that no change is between the list and the epoch.
   * `diverged`: `known` is not in this store, and nothing was registered.
   */
  register(registration: Registration, known: AuditPlace | null): Promise<Registered | KeysMissing | 'diverged'>
  /** One statement. `null`: there is no such row, or it is fenced. `diverged`: `known` is not in this store. */
  renew(nodeId: string, applied: number, known: AuditPlace | null): Promise<Grant | 'diverged' | null>
  acknowledge(nodeId: string, epoch: number): Promise<void>
  leave(nodeId: string): Promise<void>
  rows(): Promise<readonly LeasedRow[]>
  list(): Promise<readonly ListedNode[]>
  /** Only a node that has not renewed since it was seen. */
  fence(node: SilentNode): Promise<void>
}
