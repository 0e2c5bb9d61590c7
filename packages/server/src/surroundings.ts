import type { Logger } from 'pino'
import type { LiveViewTimes } from './http/native/live/live-views.ts'
import type { ProcessRole } from './storage/open-store.ts'
import type { System } from './system.ts'

/** What tests replace, and what a process that embeds Cutover decides. */
export interface Surroundings {
  readonly role?: ProcessRole
  readonly acceptsStoreRollback?: boolean
  /** The store is, or becomes, a demo's. */
  readonly isDemo?: boolean
  readonly system?: System
  readonly logger?: Logger
  readonly idempotencyWaitMs?: number
  readonly liveViewTimes?: LiveViewTimes
  /** Where the dashboard was built to, in place of where its package is. */
  readonly dashboardDirectory?: string
  /** Where audit entries are printed when they are to be. */
  printEntry?(entry: object): void
  /** The token that a first start made, told as soon as it is in the store: it is in no other place. */
  onFirstToken?(token: string): void
  /** The disk failed: the process must end and not try again. */
  onDiskFailure?(error: unknown): void
}
