/** What a node asks of the store. A request is known by its identity: the reply to another one is never taken for its. */
export type StoreRequest = RegisterRequest | RenewRequest | ReadChangesRequest | AcknowledgeRequest | LeaveRequest

/** Adds the node's row with the current epoch as its `applied`, in a transaction that holds the epoch's lock. */
export interface RegisterRequest {
  readonly kind: 'register'
  readonly nodeId: string
}

/** One statement: counts the renewal and notes `applied`, unless the row is fenced or gone. */
export interface RenewRequest {
  readonly kind: 'renew'
  readonly nodeId: string
  readonly applied: number
}

/** The current epoch and the changes after `since`, in order, both of one snapshot of the primary. */
export interface ReadChangesRequest {
  readonly kind: 'read_changes'
  readonly since: number
}

/** Notes that the node's memory holds nothing that a change up to `epoch` made out of date; never lowers it. */
export interface AcknowledgeRequest {
  readonly kind: 'acknowledge'
  readonly nodeId: string
  readonly epoch: number
}

export interface LeaveRequest {
  readonly kind: 'leave'
  readonly nodeId: string
}

/** The answer to a registration, and to a renewal that found its row. */
export interface Grant {
  readonly epoch: number
  /** The store's clock, Unix milliseconds. */
  readonly storeTimeMs: number
}

export interface Batch<Change> {
  readonly current: number
  /** Those that were not pruned. */
  readonly changes: readonly Change[]
}
