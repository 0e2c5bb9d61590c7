import type { AuditDraft, AuditWriter } from '../audit/ports.ts'
import type { Transactions } from '../cluster/commit-change.ts'
import type { System } from '../system.ts'
import { restorableMs } from './identity-secret.ts'
import type { IdentitySecretWriter, PurgeableSecret } from './ports.ts'

export interface PurgePorts {
  readonly store: Transactions<{
    readonly identitySecrets: Pick<IdentitySecretWriter, 'purge'>
    readonly audit: AuditWriter
  }>
  readonly secrets: Pick<IdentitySecretWriter, 'purgeable'>
  readonly system: System
}

const perTurn = 100

/**
 * Destroys the material of what was deleted a week ago: from then on only that it was deleted is known. Nothing that a
 * verifier reads changes: no node has held it since the delete.
 */
export async function purgeDeletedSecrets({ store, secrets, system }: PurgePorts): Promise<void> {
  const nowMs = system.nowMs()
  const deletedUntilMs = nowMs - restorableMs
  for (const secret of await secrets.purgeable(deletedUntilMs, perTurn)) {
    await store.transaction(async (tx) => {
      // Another node may have been first.
      if (await tx.identitySecrets.purge(secret, { deletedUntilMs, atMs: nowMs })) {
        await tx.audit.append(entryOf(secret), nowMs)
      }
    })
  }
}

function entryOf({ workspaceId, id, integratorId, fingerprint }: PurgeableSecret): AuditDraft {
  return {
    chain: workspaceId,
    action: integratorId === null ? 'identity_secret.purged' : 'integrator.secret_purged',
    actor: { type: 'system', id: 'purge', name: null },
    resource: integratorId === null ? { type: 'identity_secret', id } : { type: 'integrator', id: integratorId },
    result: 'success',
    metadata: { fingerprint },
    requestId: null,
    ip: null,
  }
}
