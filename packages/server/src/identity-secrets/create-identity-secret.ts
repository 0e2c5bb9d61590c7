import { limits } from '@cutover/contract'
import type { AuditActor } from '../audit/audit-entry.ts'
import { type ChangePorts, type ChangeTransaction, commitChange } from '../cluster/commit-change.ts'
import { DomainError } from '../domain-error.ts'
import { type IdempotentRequest, requestScope } from '../idempotency/idempotent-request.ts'
import type { OneAtATime } from '../idempotency/one-at-a-time.ts'
import type { AnswerSealer, KeptAnswerStore } from '../idempotency/ports.ts'
import type { WorkspaceId } from '../workspaces/workspace.ts'
import { fingerprint, type IdentitySecret, type Platforms } from './identity-secret.ts'
import type { IdentitySecretWriter, MaterialSealer } from './ports.ts'
import type { SecretName } from './secret-name.ts'

const materialBytes = 32

export interface CreateTransaction extends ChangeTransaction {
  readonly identitySecrets: IdentitySecretWriter
  readonly keptAnswers: KeptAnswerStore
}

export interface CreatePorts extends ChangePorts<CreateTransaction> {
  readonly sealer: MaterialSealer & AnswerSealer
  readonly oneAtATime: OneAtATime
  readonly maxLiveSecrets: number
}

export interface CreateCommand {
  readonly workspaceId: WorkspaceId
  readonly actor: AuditActor
  readonly name: SecretName
  readonly platforms: Platforms
  readonly requestId: string
  readonly ip: string
  readonly idempotent: IdempotentRequest | null
  /** The wire form of the answer: kept sealed for a repeat, which gets it byte for byte. */
  render(secret: IdentitySecret, material: string): string
}

/** Thrown to leave a transaction in which there turned out to be nothing to do. */
class AnsweredBefore extends Error {
  readonly sealedAnswer: string
  readonly epoch: number

  constructor(sealedAnswer: string, epoch: number) {
    super('answered before')
    this.sealedAnswer = sealedAnswer
    this.epoch = epoch
  }
}

/**
 * Makes a secret and returns the one answer that shows it. The material is drawn from the CSPRNG inside the
 * transaction that seals it, so that a conflict or a crash leaves no secret that somebody saw.
 */
export async function createIdentitySecret(ports: CreatePorts, command: CreateCommand): Promise<string> {
  const { idempotent } = command
  if (idempotent === null) return createNow(ports, command)
  return ports.oneAtATime.run(requestScope(idempotent), async () => {
    try {
      return await createNow(ports, command)
    } catch (error) {
      if (!(error instanceof AnsweredBefore)) throw error
      await ports.feed.reach(error.epoch)
      return ports.sealer.openAnswer(error.sealedAnswer, idempotent)
    }
  })
}

async function createNow(ports: CreatePorts, command: CreateCommand): Promise<string> {
  const { result } = await commitChange(ports, command.actor.id, async (tx, epoch) => {
    if (command.idempotent) await leaveIfAnswered(tx, command.idempotent, ports.system.nowMs())
    const { secret, material } = await insertSealed(ports, tx, command)
    const answer = command.render(secret, material)
    if (command.idempotent) await keepAnswer(ports, tx, command.idempotent, { answer, secret, epoch })
    return {
      result: answer,
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
  return result
}

async function leaveIfAnswered(tx: CreateTransaction, request: IdempotentRequest, nowMs: number): Promise<void> {
  const kept = await tx.keptAnswers.find(request, nowMs)
  if (!kept) return
  if (kept.bodyHash !== request.bodyHash) throw new DomainError('idempotency_key_reused')
  if (kept.sealedAnswer === null) throw new DomainError('idempotency_answer_destroyed')
  throw new AnsweredBefore(kept.sealedAnswer, kept.epoch)
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
  await tx.identitySecrets.setSealedMaterial(
    workspaceId,
    id,
    await ports.sealer.sealMaterial(material, workspaceId, id),
  )
  return { secret: { id, workspaceId, name, platforms, createdAtMs }, material }
}

async function keepAnswer(
  ports: CreatePorts,
  tx: CreateTransaction,
  request: IdempotentRequest,
  { answer, secret, epoch }: { answer: string; secret: IdentitySecret; epoch: number },
): Promise<void> {
  const sealedAnswer = await ports.sealer.sealAnswer(answer, request)
  const createdAtMs = ports.system.nowMs()
  const lifetime = { createdAtMs, expiresAtMs: createdAtMs + limits.idempotencyRetentionMs }
  await tx.keptAnswers.keep(request, { sealedAnswer, secretId: secret.id, epoch }, lifetime)
}
