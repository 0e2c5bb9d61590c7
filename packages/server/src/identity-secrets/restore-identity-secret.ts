import { commitUnlessSo } from '../cluster/commit-change.ts'
import { DomainError } from '../domain-error.ts'
import {
  type ChangedSecret,
  findIn,
  impossible,
  type SecretCommand,
  type SecretPorts,
} from './change-identity-secret.ts'
import { assertSoleHolder } from './create-identity-secret.ts'
import { restorableMs, stateOf } from './identity-secret.ts'

export interface RestorePorts extends SecretPorts {
  readonly maxLiveSecrets: number
}

/** Brings a deleted secret back, disabled, as long as its material is there. */
export async function restoreIdentitySecret(ports: RestorePorts, command: SecretCommand): Promise<ChangedSecret> {
  const { workspaceId, id, actor, requestId, ip } = command
  const { result: secret, epoch } = await commitUnlessSo(ports, actor.id, async (tx, epoch) => {
    const nowMs = ports.system.nowMs()
    const before = await findIn(tx, command)
    const state = stateOf(before, nowMs)
    // Perhaps this is the repeat of a restore whose answer was lost.
    if (state === 'disabled' && before.acceptedFromMs === null) return { soAlready: before }
    if (state !== 'deleted') throw impossible('The secret is not deleted')
    if ((await tx.identitySecrets.countLive(workspaceId, nowMs)) >= ports.maxLiveSecrets) {
      throw new DomainError('too_many_secrets', { limit: ports.maxLiveSecrets })
    }
    const restoration = { atMs: nowMs, deletedAfterMs: nowMs - restorableMs }
    if (!(await tx.identitySecrets.restore(workspaceId, id, restoration))) {
      throw impossible('The secret was deleted 7 days ago or earlier: its material is destroyed')
    }
    await assertSoleHolder(tx, before, nowMs)
    return {
      result: await findIn(tx, command),
      change: { workspaceId, part: 'keyset' },
      audit: {
        chain: workspaceId,
        action: 'identity_secret.restored',
        actor,
        resource: { type: 'identity_secret', id },
        result: 'success',
        metadata: { epoch },
        requestId,
        ip,
      },
    }
  })
  return { secret, epoch }
}
