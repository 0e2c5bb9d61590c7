import { commitUnlessSo } from '../cluster/commit-change.ts'
import { isoTime } from '../iso-time.ts'
import { findIn, type SecretPorts } from './change-identity-secret.ts'
import { type IdentitySecretId, type ManagedSecret, stateOf } from './identity-secret.ts'
import type { IdentitySecretWriter } from './ports.ts'

export interface AwaitedPorts extends SecretPorts {
  readonly secrets: Pick<IdentitySecretWriter, 'awaiting'>
}

/** The successor of a secret was used for the first time: what is left of the old one begins now. */
export async function startAwaitedGrace(ports: AwaitedPorts, usedIds: readonly IdentitySecretId[]): Promise<void> {
  for (const awaiting of await ports.secrets.awaiting(usedIds, ports.system.nowMs())) await startOne(ports, awaiting)
}

async function startOne(ports: AwaitedPorts, { workspaceId, id, successorId }: ManagedSecret): Promise<void> {
  await commitUnlessSo(ports, null, async (tx, epoch) => {
    const nowMs = ports.system.nowMs()
    const old = await findIn(tx, { workspaceId, id })
    const state = stateOf(old, nowMs)
    // Another node may have begun it, and somebody may have decided otherwise.
    const isAwaiting = old.awaitedGraceMs !== null && old.successorId === successorId
    if (!isAwaiting || state === 'deleted' || state === 'expired') return { soAlready: null }
    const endMs = nowMs + old.awaitedGraceMs
    const expiresAtMs = Math.min(old.expiresAtMs ?? endMs, endMs)
    await tx.identitySecrets.patch(workspaceId, id, { expiresAtMs, awaited: null })
    return {
      result: null,
      change: { workspaceId, part: 'keyset' },
      audit: {
        chain: workspaceId,
        action: 'identity_secret.retired',
        actor: { type: 'system', id: 'first-use', name: null },
        resource: { type: 'identity_secret', id },
        result: 'success',
        metadata: { expiresAt: isoTime(expiresAtMs), successorId, epoch },
        requestId: null,
        ip: null,
      },
    }
  })
}
