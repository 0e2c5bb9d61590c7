import { hasTokenChecksum } from '@cutover/signing'
import { hasTokenShape, isWeakToken, makeAccessToken } from './access-tokens/token-format.ts'
import type { AuditActor, AuditDraft } from './audit/audit-entry.ts'
import { randomId } from './base62.ts'
import { demoMark } from './demo/demo-mark.ts'
import { insertInstanceToken } from './instance-token.ts'
import { makeKeyCheck } from './sealing/key-check.ts'
import type { MasterKey } from './sealing/master-keys.ts'
import { StartupRefusal } from './startup-refusal.ts'
import type { Store } from './storage/store.ts'
import type { System } from './system.ts'

export interface FirstStartPorts {
  readonly store: Pick<Store, 'transaction'>
  readonly system: System
}

const actor: AuditActor = { type: 'system', id: 'first-start', name: null }

/**
 * Fills an empty store: the checks of its master keys, the workspace "Default", and an instance token with every scope.
 * All in one transaction, so that a start that is interrupted is a first start again.
 * @returns whether it was this process that did it, of several that start at once, and the token that it made, for the
 *   one time it is shown; one that the operator set is not repeated
 */
export async function firstStart(
  { store, system }: FirstStartPorts,
  masterKeys: readonly MasterKey[],
  bootstrapToken: string | undefined,
  isDemo: boolean,
): Promise<{ readonly isDone: boolean; readonly token: string | null }> {
  const token = bootstrapToken ?? makeAccessToken(system)
  assertStrong(token)
  const keyChecks = await Promise.all(masterKeys.map(makeKeyCheck))
  const isDone = await store.transaction(async (tx) => {
    const nowMs = system.nowMs()
    const epoch = await tx.epoch.advance()
    if ((await tx.masterKeys.all()).length > 0) return false
    for (const [index, check] of keyChecks.entries()) {
      // Nobody is registered on an empty store.
      await tx.masterKeys.insert({ ...check, state: index === 0 ? 'admitted' : 'known' }, nowMs)
    }

    const workspace = { id: randomId('ws', system), name: 'Default', createdAtMs: nowMs }
    await tx.workspaces.insert(workspace)
    await tx.audit.append(workspaceEntry(workspace.id, workspace.name), nowMs)
    if (isDemo) await tx.audit.append(demoMark(), nowMs)
    const place = await insertInstanceToken(tx, { token, name: 'First token', actor }, system)
    await tx.epoch.record({ epoch, workspaceId: null, part: 'workspaces' }, place)
    return true
  })
  return { isDone, token: isDone && bootstrapToken === undefined ? token : null }
}

function assertStrong(token: string): void {
  if (!hasTokenShape(token) || !hasTokenChecksum(token)) {
    throw new StartupRefusal(
      'CUTOVER_BOOTSTRAP_TOKEN is no access token (cut_, 32 base62 digits, and their checksum): leave it out to have one made.',
    )
  }
  if (isWeakToken(token)) {
    throw new StartupRefusal('CUTOVER_BOOTSTRAP_TOKEN is too easy to guess: leave it out to have one made.')
  }
}

function workspaceEntry(id: string, name: string): AuditDraft {
  return {
    chain: 'instance',
    action: 'workspace.created',
    actor,
    resource: { type: 'workspace', id },
    result: 'success',
    metadata: { name },
    requestId: null,
    ip: null,
  }
}
