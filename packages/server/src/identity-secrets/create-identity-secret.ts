import { secretFingerprint } from '@cutover/signing'
import type { AuditActor } from '../audit/audit-entry.ts'
import type { DisplayName } from '../display-name.ts'
import { DomainError } from '../domain-error.ts'
import { type Answered, type AnswerPorts, type AnswerTransaction, answerOnce } from '../idempotency/answer-once.ts'
import type { IdempotentRequest } from '../idempotency/idempotent-request.ts'
import type { MaterialSealer } from '../signing-secrets/ports.ts'
import type { WorkspaceId } from '../workspaces/workspace.ts'
import { findIn, impossible } from './change-identity-secret.ts'
import { keptAnswerSubject, type ManagedSecret, type Platforms } from './identity-secret.ts'
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
  /** A secret that customers sign with already, to be taken over; `null`: one is made. */
  readonly imported: string | null
  readonly requestId: string
  readonly ip: string
  readonly idempotent: IdempotentRequest | null
  /** The wire form of the answer: kept sealed for a repeat, which gets it byte for byte. */
  render(secret: ManagedSecret, material: string): string
}

/**
 * Makes a secret and returns the one answer that shows it. The material is drawn from the CSPRNG inside the
 * transaction that seals it, so that a conflict or a crash leaves no secret that somebody saw.
 */
export function createIdentitySecret(ports: CreatePorts, command: CreateCommand): Promise<Answered> {
  const caller = { tokenId: command.actor.id, idempotent: command.idempotent }
  return answerOnce(ports, caller, async (tx) => {
    const { secret, material } = await insertSealed(ports, tx, command)
    return {
      result: { body: command.render(secret, material), subject: keptAnswerSubject(secret.id) },
      change: { workspaceId: command.workspaceId, part: 'keyset' },
      audit: {
        chain: command.workspaceId,
        action: command.imported === null ? 'identity_secret.created' : 'identity_secret.imported',
        actor: command.actor,
        resource: { type: 'identity_secret', id: secret.id },
        result: 'success',
        metadata: { name: secret.name, platforms: { ...secret.platforms }, fingerprint: secret.fingerprint },
        requestId: command.requestId,
        ip: command.ip,
      },
    }
  })
}

/** A live secret more, with its material; refused where there are as many as there may be. */
export async function insertSealed(
  ports: CreatePorts,
  tx: CreateTransaction,
  wanted: Pick<CreateCommand, 'workspaceId' | 'name' | 'platforms' | 'actor' | 'imported'>,
): Promise<{ readonly secret: ManagedSecret; readonly material: string }> {
  const { workspaceId, name, platforms, actor, imported } = wanted
  // The lock on the epoch keeps this count true until the commit.
  if ((await tx.identitySecrets.countLive(workspaceId, ports.system.nowMs())) >= ports.maxLiveSecrets) {
    throw new DomainError('too_many_secrets', { limit: ports.maxLiveSecrets })
  }
  const material = imported ?? Buffer.from(ports.system.randomBytes(materialBytes)).toString('base64url')
  const id = await tx.identitySecrets.insert({
    workspaceId,
    name,
    platforms,
    fingerprint: secretFingerprint(material),
    createdAtMs: ports.system.nowMs(),
    createdBy: actor.id,
  })
  if (imported !== null) {
    await assertSoleHolder(tx, { workspaceId, id, fingerprint: secretFingerprint(imported) }, ports.system.nowMs())
  }
  const place = { use: 'identity_secret', workspaceId, id } as const
  const sealed = await ports.sealer.sealMaterial(material, place, tx.masterKeys)
  await tx.identitySecrets.setSealedMaterial(workspaceId, id, sealed)
  return { secret: await findIn(tx, { workspaceId, id }), material }
}

/** Were the same material there twice, a deleted secret would go on verifying under the id of the other. */
export async function assertSoleHolder(
  tx: { readonly identitySecrets: IdentitySecretWriter },
  { workspaceId, id, fingerprint }: Pick<ManagedSecret, 'workspaceId' | 'id' | 'fingerprint'>,
  nowMs: number,
): Promise<void> {
  const holders = await tx.identitySecrets.liveHolders(workspaceId, fingerprint, nowMs)
  const other = holders.find((holder) => holder !== id)
  if (other !== undefined) throw impossible(`The workspace has this secret already: its id is ${other}`)
}
