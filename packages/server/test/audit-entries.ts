import type { AuditAction, AuditResult } from '@cutover/contract'
import type { InProcess } from './in-process.ts'

export interface EntryToAppend {
  readonly chain: string
  readonly actor?: string
  readonly action?: AuditAction
  readonly resource?: string
  readonly result?: AuditResult
  readonly atMs?: number
}

/** Appends entries as a change would, in one transaction. */
export async function appendEntries({ cutover, clock }: InProcess, entries: readonly EntryToAppend[]): Promise<void> {
  await cutover.store.transaction(async (tx) => {
    for (const { chain, actor = 'tok_a', action = 'identity_secret.created', ...rest } of entries) {
      const { resource = '1', result = 'success', atMs = clock.nowMs } = rest
      const draft = {
        chain,
        action,
        actor: { type: 'access_token', id: actor, name: 'a test' },
        resource: { type: 'identity_secret', id: resource },
        result,
        metadata: { name: 'Spring', platforms: { web: true } },
        requestId: null,
        ip: '192.0.2.1',
      } as const
      await tx.audit.append(draft, atMs)
    }
  })
}
