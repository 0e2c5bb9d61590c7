import type { AccessTokenWriter } from '../access-tokens/ports.ts'
import type { AuditActor, AuditDraft } from '../audit/audit-entry.ts'
import { randomId } from '../base62.ts'
import { type ChangePorts, type ChangeTransaction, commitChange } from '../cluster/commit-change.ts'
import type { DisplayName } from '../display-name.ts'
import { DomainError } from '../domain-error.ts'
import type { KeptAnswerStore } from '../idempotency/ports.ts'
import type { IdentitySecretWriter } from '../identity-secrets/ports.ts'
import type { IntegratorWriter } from '../integrators/ports.ts'
import type { WorkspaceReader, WorkspaceWriter } from './ports.ts'
import type { Workspace } from './workspace.ts'

export interface WorkspaceTransaction extends ChangeTransaction {
  readonly workspaces: WorkspaceReader & WorkspaceWriter
  readonly identitySecrets: IdentitySecretWriter
  readonly integrators: Pick<IntegratorWriter, 'hasAny'>
  readonly accessTokens: ChangeTransaction['accessTokens'] & AccessTokenWriter
  readonly keptAnswers: KeptAnswerStore
}

export type WorkspacePorts = ChangePorts<WorkspaceTransaction>

export interface WorkspaceCommand {
  readonly actor: AuditActor
  readonly requestId: string
  readonly ip: string
}

export async function createWorkspace(
  ports: WorkspacePorts,
  command: WorkspaceCommand & { readonly name: DisplayName },
): Promise<Workspace> {
  const { result } = await commitChange(ports, command.actor.id, async (tx) => {
    const workspace = { id: randomId('ws', ports.system), name: command.name, createdAtMs: ports.system.nowMs() }
    await tx.workspaces.insert(workspace)
    return {
      result: workspace,
      change: { workspaceId: workspace.id, part: 'workspaces' },
      audit: entry(command, 'workspace.created', workspace.id, { name: workspace.name }),
    }
  })
  return result
}

export async function renameWorkspace(
  ports: WorkspacePorts,
  command: WorkspaceCommand & { readonly id: string; readonly name: DisplayName },
): Promise<Workspace> {
  const { result } = await commitChange(ports, command.actor.id, async (tx) => {
    const workspace = await findIn(tx, command.id)
    await tx.workspaces.rename(workspace.id, command.name)
    return {
      result: { ...workspace, name: command.name },
      change: { workspaceId: workspace.id, part: 'workspaces' },
      audit: entry(command, 'workspace.renamed', workspace.id, { from: workspace.name, to: command.name }),
    }
  })
  return result
}

/**
 * Deletes a workspace without live secrets: its tokens are revoked and what is left of its secrets is destroyed, in one
 * transaction. Resolves, with the epoch of that change, once no node accepts any of them.
 */
export async function deleteWorkspace(
  ports: WorkspacePorts,
  command: WorkspaceCommand & { readonly id: string },
): Promise<number> {
  const { epoch } = await commitChange(ports, command.actor.id, async (tx, epoch) => {
    const { id, name } = await findIn(tx, command.id)
    const atMs = ports.system.nowMs()
    const isInUse = (await tx.identitySecrets.countLive(id, atMs)) > 0 || (await tx.integrators.hasAny(id))
    if (isInUse) throw new DomainError('workspace_in_use')
    await tx.workspaces.markDeleted(id, atMs)
    const revokedTokens = await tx.accessTokens.revokeAllOf(id, { atMs, epoch })
    await tx.identitySecrets.destroyMaterialOf(id)
    await tx.keptAnswers.destroyAnswersIn(id)
    // Its tokens go with it, and an instance token may have had no other: everything about access is looked up anew.
    return {
      result: null,
      change: { workspaceId: id, part: 'workspace_deleted' },
      audit: entry(command, 'workspace.deleted', id, { name, epoch, revokedTokens }),
    }
  })
  return epoch
}

async function findIn(tx: WorkspaceTransaction, id: string): Promise<Workspace> {
  const workspace = await tx.workspaces.find(id)
  if (!workspace) throw new DomainError('workspace_unknown')
  return workspace
}

/** In the instance's chain: that of the workspace may not outlive it. */
function entry(
  { actor, requestId, ip }: WorkspaceCommand,
  action: AuditDraft['action'],
  id: string,
  metadata: AuditDraft['metadata'],
): AuditDraft {
  const resource = { type: 'workspace', id } as const
  return { chain: 'instance', action, actor, resource, result: 'success', metadata, requestId, ip }
}
