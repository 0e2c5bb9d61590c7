import { secretFingerprint } from '@cutover/signing'
import type { AuditActor } from '../audit/audit-entry.ts'
import { randomId } from '../base62.ts'
import type { DisplayName } from '../display-name.ts'
import { DomainError } from '../domain-error.ts'
import { type AnswerPorts, type AnswerTransaction, answerOnce } from '../idempotency/answer-once.ts'
import type { IdempotentRequest } from '../idempotency/idempotent-request.ts'
import type { MaterialSealer } from '../signing-secrets/ports.ts'
import type { WorkspaceReader } from '../workspaces/ports.ts'
import type { WorkspaceId } from '../workspaces/workspace.ts'
import { type Integrator, keptAnswerSubject, makeIntegratorSecret } from './integrator.ts'
import type { IntegratorWriter, NewIntegrator } from './ports.ts'

export interface IntegratorTransaction extends AnswerTransaction {
  readonly integrators: IntegratorWriter
  readonly workspaces: Pick<WorkspaceReader, 'exists'>
}

export interface IntegratorPorts extends AnswerPorts<IntegratorTransaction> {
  readonly sealer: AnswerPorts<IntegratorTransaction>['sealer'] & MaterialSealer
}

export interface CreateIntegratorCommand {
  readonly workspaceId: WorkspaceId
  readonly actor: AuditActor
  readonly name: DisplayName
  readonly requestId: string
  readonly ip: string
  readonly idempotent: IdempotentRequest | null
  /** The wire form of the answer: kept sealed for a repeat, which gets it byte for byte. */
  render(integrator: NewIntegrator, material: string): string
}

/** Makes an integrator with its first secret, and returns the one answer that shows that. */
export async function createIntegrator(ports: IntegratorPorts, command: CreateIntegratorCommand): Promise<string> {
  const { workspaceId, name, actor, idempotent } = command
  const { body } = await answerOnce(ports, { tokenId: actor.id, idempotent }, async (tx) => {
    // It may have been deleted meanwhile; the lock on the epoch keeps it from now on until the commit.
    if (!(await tx.workspaces.exists(workspaceId))) throw new DomainError('workspace_unknown')
    const integrator: NewIntegrator = {
      id: randomId('itg', ports.system),
      key: randomId('int', ports.system),
      workspaceId,
      name,
      createdAtMs: ports.system.nowMs(),
      createdBy: actor.id,
    }
    await tx.integrators.insert(integrator)
    const made = await insertSecret(ports, tx, integrator, actor)
    return {
      result: { body: command.render(integrator, made.material), subject: keptAnswerSubject(made.secretId) },
      change: { workspaceId, part: 'integrator', subject: integrator.key },
      audit: {
        chain: workspaceId,
        action: 'integrator.created',
        actor,
        resource: { type: 'integrator', id: integrator.id },
        result: 'success',
        metadata: { name, key: integrator.key, fingerprint: made.fingerprint },
        requestId: command.requestId,
        ip: command.ip,
      },
    }
  })
  return body
}

/**
 * Inserts a new current secret. The material is drawn inside the transaction that seals it, so that a conflict or a
 * crash leaves no secret that somebody saw.
 */
export async function insertSecret(
  ports: IntegratorPorts,
  tx: IntegratorTransaction,
  integrator: Integrator,
  actor: AuditActor,
): Promise<{ readonly secretId: string; readonly material: string; readonly fingerprint: string }> {
  const { workspaceId } = integrator
  const material = makeIntegratorSecret(ports.system)
  const print = secretFingerprint(material)
  const secretId = await tx.integrators.insertSecret(integrator, {
    fingerprint: print,
    createdAtMs: ports.system.nowMs(),
    createdBy: actor.id,
  })
  const place = { use: 'integrator_secret', workspaceId, id: secretId } as const
  const sealed = await ports.sealer.sealMaterial(material, place, tx.masterKeys)
  await tx.integrators.setSealedMaterial(workspaceId, secretId, sealed)
  return { secretId, material, fingerprint: print }
}
