import type { AuditAction } from '@cutover/contract'
import type { CanonicalObject } from '@cutover/signing'
import type { AuditActor } from '../audit/audit-entry.ts'
import { type ChangePorts, type ChangeTransaction, commitUnlessSo } from '../cluster/commit-change.ts'
import { DomainError } from '../domain-error.ts'
import type { WorkspaceId } from '../workspaces/workspace.ts'
import { type IdentitySecretId, type ManagedSecret, type SecretState, stateOf } from './identity-secret.ts'
import type { IdentitySecretWriter, SecretPatch } from './ports.ts'

export interface SecretTransaction extends ChangeTransaction {
  readonly identitySecrets: IdentitySecretWriter
}

export type SecretPorts = ChangePorts<SecretTransaction>

/** Who changes which secret. */
export interface SecretCommand {
  readonly workspaceId: WorkspaceId
  readonly id: IdentitySecretId
  readonly actor: AuditActor
  readonly requestId: string
  readonly ip: string
}

/** What a change makes of a secret; `null`: it is so already, and nothing is to be done. */
export interface SecretChange {
  readonly action: AuditAction
  readonly patch: SecretPatch
  readonly metadata: CanonicalObject
}

/** What is done to one secret, by its state at this moment; throws where that is not possible. */
export type Transition = (secret: ManagedSecret, state: SecretState, nowMs: number) => SecretChange | null

export interface ChangedSecret {
  readonly secret: ManagedSecret
  readonly epoch: number
}

/**
 * Takes a secret from one state to another, and resolves once no node judges by the state before. Whoever asks for what
 * is so already gets the same answer, and no earlier.
 */
export async function changeIdentitySecret(
  ports: SecretPorts,
  command: SecretCommand,
  transition: Transition,
): Promise<ChangedSecret> {
  const { workspaceId, id, actor, requestId, ip } = command
  const { result: secret, epoch } = await commitUnlessSo(ports, actor.id, async (tx, epoch) => {
    const before = await findIn(tx, command)
    const nowMs = ports.system.nowMs()
    const change = transition(before, stateOf(before, nowMs), nowMs)
    if (change === null) return { soAlready: before }
    if (!(await tx.identitySecrets.patch(workspaceId, id, change.patch))) throw new DomainError('secret_unknown')
    return {
      result: await findIn(tx, command),
      change: { workspaceId, part: 'keyset' },
      audit: {
        chain: workspaceId,
        action: change.action,
        actor,
        resource: { type: 'identity_secret', id },
        result: 'success',
        metadata: { ...change.metadata, epoch },
        requestId,
        ip,
      },
    }
  })
  return { secret, epoch }
}

export async function findIn(
  tx: SecretTransaction,
  { workspaceId, id }: Pick<SecretCommand, 'workspaceId' | 'id'>,
): Promise<ManagedSecret> {
  const secret = await tx.identitySecrets.find(workspaceId, id)
  if (!secret) throw new DomainError('secret_unknown')
  return secret
}

export function impossible(detail: string): DomainError {
  return new DomainError('invalid_state', { detail })
}

/**
 * What is written for an end at `expiresAtMs`. One that ends at once is disabled with it, which needs no clock: a node
 * whose clock is behind must not accept it either once this is answered.
 */
export function ending(expiresAtMs: number, nowMs: number): SecretPatch {
  return expiresAtMs > nowMs ? { expiresAtMs } : { expiresAtMs, disabledAtMs: nowMs, acceptedFromMs: null }
}
