import type { AuditActor } from '../audit/audit-entry.ts'
import type { DisplayName } from '../display-name.ts'
import { DomainError } from '../domain-error.ts'
import { type AnswerPorts, type AnswerTransaction, answerOnce } from '../idempotency/answer-once.ts'
import type { IdempotentRequest } from '../idempotency/idempotent-request.ts'
import type { MaterialSealer } from '../signing-secrets/ports.ts'
import { fingerprint } from '../signing-secrets/signing-secret.ts'
import type { WorkspaceId } from '../workspaces/workspace.ts'
import { type IdentitySecret, keptAnswerSubject, type Platforms } from './identity-secret.ts'
import type { IdentitySecretWriter } from './ports.ts'

const materialBytes = 32

export interface CreateTransaction extends AnswerTransaction {
  readonly identitySecrets: IdentitySecretWriter
}

export interface CreatePorts extends AnswerPorts<CreateTransaction> {
  readonly sealer: AnswerPorts<CreateTransaction>['sealer'] & MaterialSealer
  readonly maxLiveSecrets: number
}

export interface CreateCommand {
  readonly workspaceId: WorkspaceId
  readonly actor: AuditActor
  readonly name: DisplayName
  readonly platforms: Platforms
  readonly requestId: string
  readonly ip: string
  readonly idempotent: IdempotentRequest | null
  /** The wire form of the answer: kept sealed for a repeat, which gets it byte for byte. */
  render(secret: IdentitySecret, material: string): string
}

/**
 * Makes a secret and returns the one answer that shows it. The material is drawn from the CSPRNG inside the
 * transaction that seals it, so that a conflict or a crash leaves no secret that somebody saw.
 */
export async function createIdentitySecret(ports: CreatePorts, command: CreateCommand): Promise<string> {
  const caller = { tokenId: command.actor.id, idempotent: command.idempotent }
  const { body } = await answerOnce(ports, caller, async (tx) => {
    const { secret, material } = await insertSealed(ports, tx, command)
    return {
      result: { body: command.render(secret, material), subject: keptAnswerSubject(secret.id) },
      change: { workspaceId: command.workspaceId, part: 'keyset' },
      audit: {
        chain: command.workspaceId,
        action: 'identity_secret.created',
        actor: command.actor,
        resource: { type: 'identity_secret', id: secret.id },
        result: 'success',
        metadata: { name: secret.name, platforms: { ...secret.platforms }, fingerprint: fingerprint(material) },
        requestId: command.requestId,
        ip: command.ip,
      },
    }
  })
  return body
}

async function insertSealed(
  ports: CreatePorts,
  tx: CreateTransaction,
  command: CreateCommand,
): Promise<{ secret: IdentitySecret; material: string }> {
  const { workspaceId, name, platforms } = command
  // The lock on the epoch keeps this count true until the commit.
  if ((await tx.identitySecrets.countLive(workspaceId, ports.system.nowMs())) >= ports.maxLiveSecrets) {
    throw new DomainError('too_many_secrets', { limit: ports.maxLiveSecrets })
  }
  const material = Buffer.from(ports.system.randomBytes(materialBytes)).toString('base64url')
  const createdAtMs = ports.system.nowMs()
  const id = await tx.identitySecrets.insert({
    workspaceId,
    name,
    platforms,
    fingerprint: fingerprint(material),
    createdAtMs,
    createdBy: command.actor.id,
  })
  const sealed = await ports.sealer.sealMaterial(material, { use: 'identity_secret', workspaceId, id })
  await tx.identitySecrets.setSealedMaterial(workspaceId, id, sealed)
  return { secret: { id, workspaceId, name, platforms, createdAtMs }, material }
}
