import { isDeepStrictEqual } from 'node:util'
import type { AuditActor } from '../audit/audit-entry.ts'
import { type ChangePorts, type ChangeTransaction, commitUnlessSo } from '../cluster/commit-change.ts'
import { DomainError } from '../domain-error.ts'
import type { SettingsStore } from './ports.ts'
import type { WorkspaceSettings } from './settings.ts'
import type { WorkspaceId } from './workspace.ts'

export interface SettingsTransaction extends ChangeTransaction {
  readonly settings: SettingsStore
}

export interface SettingsCommand {
  readonly workspaceId: WorkspaceId
  readonly settings: WorkspaceSettings
  readonly actor: AuditActor
  readonly requestId: string
  readonly ip: string
}

/** Puts other settings in the place of those there are, and resolves once every node judges by them. */
export async function changeSettings(
  ports: ChangePorts<SettingsTransaction>,
  command: SettingsCommand,
): Promise<number> {
  const { workspaceId, settings, actor, requestId, ip } = command
  const { epoch } = await commitUnlessSo(ports, actor.id, async (tx) => {
    const before = await tx.settings.find(workspaceId)
    if (!before) throw new DomainError('workspace_unknown')
    if (isDeepStrictEqual(shown(before), shown(settings))) return { soAlready: null }
    await tx.settings.replace(workspaceId, settings)
    return {
      result: null,
      change: { workspaceId, part: 'keyset' },
      audit: {
        chain: workspaceId,
        action: 'settings.changed',
        actor,
        resource: { type: 'settings', id: workspaceId },
        result: 'success',
        metadata: { from: shown(before), to: shown(settings) },
        requestId,
        ip,
      },
    }
  })
  return epoch
}

function shown({ enforcement, rotationPolicy }: WorkspaceSettings) {
  return { enforcement: { ...enforcement }, maxAgeDays: rotationPolicy.maxAgeDays }
}
