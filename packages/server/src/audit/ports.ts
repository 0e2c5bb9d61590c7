import type { AuditAction, AuditResult } from '@cutover/contract'
import type { AuditPlace } from '../cluster/ports.ts'
import type { SealingKeys } from '../signing-secrets/ports.ts'
import type { AuditDraft, AuditEntry, AuditHead } from './audit-entry.ts'

export type { AuditDraft } from './audit-entry.ts'

export interface AuditWriter {
  /** Appends to the chain of the draft, under the lock on its head. */
  append(draft: AuditDraft, nowMs: number): Promise<AuditPlace>
}

/** What an entry has to fit; `null` is fitted by all. */
export interface AuditFilter {
  readonly actorId: string | null
  readonly action: AuditAction | null
  readonly resourceId: string | null
  readonly result: AuditResult | null
  /** Half-open: from this moment on. */
  readonly fromMs: number | null
  /** Half-open: before this moment. */
  readonly toMs: number | null
}

export interface AuditReader {
  head(chain: string): Promise<AuditHead>
  /** At most `limit` entries of a chain after `sequence`, in order. */
  page(chain: string, sequence: number, limit: number): Promise<readonly AuditEntry[]>
  /** At most `limit` entries that fit, newest first, beginning after the entry `after` of that order. */
  find(chain: string, filter: AuditFilter, after: number | null, limit: number): Promise<readonly AuditEntry[]>
}

export interface AuditTransactions {
  transaction<Result>(work: (tx: { readonly audit: AuditWriter }) => Promise<Result>): Promise<Result>
}

export interface SealedAuditKey {
  readonly kid: string
  readonly sealed: string
}

export interface AuditKeyStore {
  find(): Promise<SealedAuditKey | null>
  /** Does nothing when there is one already: the first one stays. */
  insertFirst(key: SealedAuditKey, nowMs: number): Promise<void>
}

export interface AuditKeyTransaction {
  /** The lock that orders all changes, and what may seal. */
  readonly epoch: { lock(): Promise<unknown> }
  readonly auditKeys: AuditKeyStore
  readonly masterKeys: SealingKeys
}

export interface AuditKeySealer {
  sealAuditKey(seed: string, kid: string, keys: SealingKeys): Promise<string>
  openAuditKey(sealed: string, kid: string): Promise<string>
}
