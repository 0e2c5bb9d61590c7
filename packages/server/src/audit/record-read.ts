import type { System } from '../system.ts'
import type { AuditActor } from './audit-entry.ts'
import type { AuditTransactions } from './ports.ts'

export interface ReadPorts {
  readonly store: AuditTransactions
  readonly system: System
}

export interface AnsweredRead {
  readonly chain: string
  readonly actor: AuditActor
  readonly method: string
  readonly route: string
  readonly requestId: string
  readonly ip: string
}

/** Records that somebody read something, before they see it. */
export async function recordRead({ store, system }: ReadPorts, read: AnsweredRead): Promise<void> {
  const { chain, actor, method, route, requestId, ip } = read
  await store.transaction((tx) =>
    tx.audit.append(
      {
        chain,
        action: 'access.read',
        actor,
        resource: { type: 'request', id: null },
        result: 'success',
        metadata: { method, route },
        requestId,
        ip,
      },
      system.nowMs(),
    ),
  )
}
