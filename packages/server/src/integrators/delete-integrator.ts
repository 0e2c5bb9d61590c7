import type { AuditActor } from '../audit/audit-entry.ts'
import { type ChangePorts, commitChange } from '../cluster/commit-change.ts'
import { DomainError } from '../domain-error.ts'
import type { UsageReader } from '../usage/ports.ts'
import type { WorkspaceId } from '../workspaces/workspace.ts'
import type { IntegratorTransaction } from './create-integrator.ts'
import { keptAnswerSubject } from './integrator.ts'
import type { Deletion, IntegratorReader } from './ports.ts'

export interface DeleteIntegratorPorts extends ChangePorts<DeleteIntegratorTransaction> {
  readonly integrators: Pick<IntegratorReader, 'deletedAtEpoch'>
}

export interface DeleteIntegratorCommand {
  readonly workspaceId: WorkspaceId
  readonly id: string
  readonly actor: AuditActor
  readonly requestId: string
  readonly ip: string
  /** Throws where the integrator must not be deleted after all: nothing is then. */
  readonly guard?: (tx: { readonly usage: UsageReader }, secretIds: readonly string[]) => Promise<void>
}

export interface DeleteIntegratorTransaction extends IntegratorTransaction {
  readonly usage: UsageReader
}

/**
 * Deletes an integrator with all of its secrets and resolves, with the epoch of that change, once no node accepts any
 * of them. Whoever deletes what is deleted already is refused, but no earlier.
 */
export async function deleteIntegrator(
  ports: DeleteIntegratorPorts,
  command: DeleteIntegratorCommand,
): Promise<number> {
  const { workspaceId, id, actor } = command
  try {
    const { epoch } = await commitChange(ports, actor.id, async (tx, epoch) => {
      const integrator = await tx.integrators.find(workspaceId, id)
      const deletion = { atMs: ports.system.nowMs(), by: actor.id, epoch }
      if (!integrator || !(await tx.integrators.markDeleted(workspaceId, integrator.id, deletion))) {
        throw new DomainError('integrator_unknown', { subject: id })
      }
      const secretIds = integrator.secrets.map((secret) => secret.id)
      await command.guard?.(tx, secretIds)
      await deleteSecrets(tx, integrator, 'all', deletion)
      return {
        result: null,
        change: { workspaceId, part: 'integrator', subject: integrator.key },
        audit: {
          chain: workspaceId,
          action: 'integrator.deleted',
          actor,
          resource: { type: 'integrator', id: integrator.id },
          result: 'success',
          metadata: { name: integrator.name, epoch },
          requestId: command.requestId,
          ip: command.ip,
        },
      }
    })
    return epoch
  } catch (error) {
    if (error instanceof DomainError && error.code === 'integrator_unknown') await waitForEarlierDelete(ports, command)
    throw error
  }
}

async function waitForEarlierDelete(ports: DeleteIntegratorPorts, { workspaceId, id }: DeleteIntegratorCommand) {
  const epoch = await ports.integrators.deletedAtEpoch(workspaceId, id)
  if (epoch !== null) await ports.barrier.passed(epoch)
}

/** With a secret go the answers that were kept and show it. */
export async function deleteSecrets(
  tx: IntegratorTransaction,
  { id }: { readonly id: Parameters<IntegratorTransaction['integrators']['deleteSecrets']>[0] },
  which: 'all' | 'ended',
  deletion: Deletion,
): Promise<void> {
  for (const secretId of await tx.integrators.deleteSecrets(id, which, deletion)) {
    await tx.keptAnswers.destroyAnswersShowing(keptAnswerSubject(secretId))
  }
}
