import type { AuditActor } from '../audit/audit-entry.ts'
import { DomainError } from '../domain-error.ts'
import { answerOnce } from '../idempotency/answer-once.ts'
import type { IdempotentRequest } from '../idempotency/idempotent-request.ts'
import { isoTime } from '../iso-time.ts'
import { isAccepted } from '../signing-secrets/signing-secret.ts'
import type { WorkspaceId } from '../workspaces/workspace.ts'
import { type IntegratorPorts, type IntegratorTransaction, insertSecret } from './create-integrator.ts'
import { deleteSecrets } from './delete-integrator.ts'
import { type IntegratorKey, type IntegratorSecret, isCurrent, keptAnswerSubject } from './integrator.ts'
import type { ManagedIntegrator } from './ports.ts'

export interface RegeneratePorts extends IntegratorPorts {
  readonly maxLiveSecrets: number
}

/** Who asks: the integrator with the secret that it signed with, or an operator of the workspace. */
export type Regenerator =
  | { readonly kind: 'integrator'; readonly signedWith: string }
  | { readonly kind: 'operator'; readonly workspaceId: WorkspaceId; readonly tokenId: string }

export interface RegenerateCommand {
  readonly key: IntegratorKey
  readonly by: Regenerator
  readonly actor: AuditActor
  /** How long the secret current until now is still accepted; 0: no older one is, once this has answered. */
  readonly graceMs: number
  readonly requestId: string
  readonly ip: string
  /** Only of an operator: an integrator signs anew to try again. */
  readonly idempotent: IdempotentRequest | null
  /** `null`: no older secret is accepted any more. */
  render(material: string, oldExpiresAtMs: number | null): string
}

/**
 * Gives an integrator a new current secret. Of several at once exactly one wins: the guard on the current one decides.
 * There is never none, nor are there two.
 */
export function regenerateSecret(
  ports: RegeneratePorts,
  command: RegenerateCommand,
): Promise<{ readonly body: string; readonly epoch: number }> {
  const { by, idempotent } = command
  const tokenId = by.kind === 'operator' ? by.tokenId : null
  return answerOnce(ports, { tokenId, idempotent }, async (tx, epoch) => {
    const integrator = await findRegenerated(tx, command)
    const nowMs = ports.system.nowMs()
    const current = assertMayRegenerate(integrator, by)
    const expiresAtMs = command.graceMs === 0 ? null : nowMs + command.graceMs
    const deletion = { atMs: nowMs, by: command.actor.id, epoch }
    if (expiresAtMs === null) await deleteSecrets(tx, integrator, 'all', deletion)
    else {
      await deleteSecrets(tx, integrator, 'ended', deletion)
      assertRoom(ports, integrator, nowMs)
      if (!(await tx.integrators.retireCurrent(integrator.id, current.id, expiresAtMs))) throw conflict()
    }
    const made = await insertSecret(ports, tx, integrator, command.actor)
    return {
      result: { body: command.render(made.material, expiresAtMs), subject: keptAnswerSubject(made.secretId) },
      change: { workspaceId: integrator.workspaceId, part: 'integrator', subject: integrator.key },
      audit: {
        chain: integrator.workspaceId,
        action: 'integrator.secret_regenerated',
        actor: command.actor,
        resource: { type: 'integrator', id: integrator.id },
        result: 'success',
        metadata: {
          fingerprint: made.fingerprint,
          oldFingerprint: current.fingerprint,
          oldSecretExpiresAt: isoTime(expiresAtMs),
          epoch,
        },
        requestId: command.requestId,
        ip: command.ip,
      },
    }
  })
}

/** An integrator that has gone since it signed looks like one that never was. */
async function findRegenerated(tx: IntegratorTransaction, { key, by }: RegenerateCommand): Promise<ManagedIntegrator> {
  const integrator = await tx.integrators.findByKey(key)
  if (by.kind === 'integrator') {
    if (!integrator) throw new DomainError('signature_invalid')
    return integrator
  }
  if (integrator?.workspaceId !== by.workspaceId) throw new DomainError('integrator_unknown', { subject: key })
  return integrator
}

/** The lock on the epoch keeps what this sees true until the commit. */
function assertMayRegenerate({ secrets }: ManagedIntegrator, by: Regenerator): IntegratorSecret {
  const current = secrets.find(isCurrent)
  if (!current) throw new Error('an integrator has lost its current secret')
  // Whoever holds an old secret must not take over the integrator with it.
  if (by.kind === 'integrator' && by.signedWith !== current.id) throw conflict()
  return current
}

/** Each secret that is accepted costs every verification a comparison. */
function assertRoom({ maxLiveSecrets }: RegeneratePorts, { secrets }: ManagedIntegrator, nowMs: number): void {
  const live = secrets.filter((secret) => isAccepted(secret, nowMs)).length
  if (live >= maxLiveSecrets) throw new DomainError('too_many_integrator_secrets', { limit: maxLiveSecrets })
}

function conflict(): DomainError {
  return new DomainError('secret_retiring')
}
