import type { AuditDraft } from './audit-entry.ts'

export type { AuditDraft } from './audit-entry.ts'

export interface AuditWriter {
  /** Appends to the chain of the draft, under the lock on its head. */
  append(draft: AuditDraft, nowMs: number): Promise<void>
}
