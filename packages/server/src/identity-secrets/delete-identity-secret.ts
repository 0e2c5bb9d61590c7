import type { AuditActor } from '../audit/audit-entry.ts'
import { type ChangePorts, type ChangeTransaction, commitChange } from '../cluster/commit-change.ts'
import { DomainError } from '../domain-error.ts'
import type { KeptAnswerStore } from '../idempotency/ports.ts'
import type { UsageReader } from '../usage/ports.ts'
import type { WorkspaceId } from '../workspaces/workspace.ts'
import { type IdentitySecretId, keptAnswerSubject } from './identity-secret.ts'
import type { IdentitySecretReader, IdentitySecretWriter } from './ports.ts'

export interface DeleteTransaction extends ChangeTransaction {
  readonly identitySecrets: IdentitySecretWriter
  readonly keptAnswers: KeptAnswerStore
  readonly usage: UsageReader
}

export interface DeletePorts extends ChangePorts<DeleteTransaction> {
  readonly secrets: Pick<IdentitySecretReader, 'deletedAtEpoch'>
}

export interface DeleteCommand {
  readonly workspaceId: WorkspaceId
  readonly id: IdentitySecretId
  readonly actor: AuditActor
  readonly requestId: string
  readonly ip: string
  /** Throws where the secret must not be deleted after all: nothing is then. */
  readonly guard?: (tx: { readonly usage: UsageReader }, secretIds: readonly string[]) => Promise<void>
}

/**
 * Deletes a secret and resolves, with the epoch of that change, once no node accepts it any more. Whoever deletes what
 * is deleted already is refused, but only then as well: their answer must not come before the promise holds.
 */
export async function deleteIdentitySecret(ports: DeletePorts, command: DeleteCommand): Promise<number> {
  const { workspaceId, id, actor } = command
  try {
    const { epoch } = await commitChange(ports, actor.id, async (tx, epoch) => {
      const deletion = { atMs: ports.system.nowMs(), by: actor.id, epoch }
      if (!(await tx.identitySecrets.markDeleted(workspaceId, id, deletion))) throw new DomainError('secret_unknown')
      // Only now: whether a secret of somebody else was used is nobody's business.
      await command.guard?.(tx, [id])
      await tx.keptAnswers.destroyAnswersShowing(keptAnswerSubject(id))
      return {
        result: null,
        change: { workspaceId, part: 'keyset' },
        audit: {
          chain: workspaceId,
          action: 'identity_secret.deleted',
          actor,
          resource: { type: 'identity_secret', id },
          result: 'success',
          metadata: { epoch },
          requestId: command.requestId,
          ip: command.ip,
        },
      }
    })
    return epoch
  } catch (error) {
    if (error instanceof DomainError && error.code === 'secret_unknown') await waitForEarlierDelete(ports, command)
    throw error
  }
}

async function waitForEarlierDelete(ports: DeletePorts, { workspaceId, id }: DeleteCommand): Promise<void> {
  const epoch = await ports.secrets.deletedAtEpoch(workspaceId, id)
  if (epoch !== null) await ports.barrier.passed(epoch)
}
