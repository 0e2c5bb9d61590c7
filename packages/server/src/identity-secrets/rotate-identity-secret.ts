import type { DisplayName } from '../display-name.ts'
import { DomainError } from '../domain-error.ts'
import { type Answered, answerOnce } from '../idempotency/answer-once.ts'
import type { IdempotentRequest } from '../idempotency/idempotent-request.ts'
import { isoTime } from '../iso-time.ts'
import { ending, findIn, impossible, type SecretCommand } from './change-identity-secret.ts'
import { type CreatePorts, type CreateTransaction, insertSealed } from './create-identity-secret.ts'
import { keptAnswerSubject, type ManagedSecret, stateOf } from './identity-secret.ts'

/** When the old one ends: its grace begins now, or with the first use of the new one, but no later than that. */
export type Start = { readonly kind: 'now' } | { readonly kind: 'first_use'; readonly noLaterThanMs: number }

export interface RotateCommand extends SecretCommand {
  /** `null`: that of the old one. */
  readonly name: DisplayName | null
  readonly graceMs: number
  readonly start: Start
  readonly idempotent: IdempotentRequest | null
  render(successor: ManagedSecret, material: string): string
}

/** Makes a successor with the same platforms, and sets the end of the old one, never later than it had. */
export function rotateIdentitySecret(ports: CreatePorts, command: RotateCommand): Promise<Answered> {
  const { workspaceId, id, actor, graceMs, start } = command
  return answerOnce(ports, { tokenId: actor.id, idempotent: command.idempotent }, async (tx, epoch) => {
    const nowMs = ports.system.nowMs()
    const old = await findIn(tx, command)
    await assertRotatable(tx, old, nowMs)
    const name = (command.name ?? old.name) as DisplayName // sound: every name in the store was parsed
    const { secret, material } = await insertSealed(ports, tx, {
      ...command,
      name,
      platforms: old.platforms,
      imported: null,
    })
    const latestMs = nowMs + (start.kind === 'now' ? graceMs : start.noLaterThanMs)
    const expiresAtMs = Math.min(old.expiresAtMs ?? latestMs, latestMs)
    await tx.identitySecrets.patch(workspaceId, id, {
      ...ending(expiresAtMs, nowMs),
      successorId: secret.id,
      awaited: start.kind === 'now' ? null : { id: secret.id, graceMs },
    })
    return {
      result: { body: command.render(secret, material), subject: keptAnswerSubject(secret.id) },
      change: { workspaceId, part: 'keyset' },
      audit: {
        chain: workspaceId,
        action: 'identity_secret.rotated',
        actor,
        resource: { type: 'identity_secret', id },
        result: 'success',
        metadata: {
          ...{ successorId: secret.id, fingerprint: secret.fingerprint, epoch },
          ...{ start: start.kind, graceSeconds: graceMs / 1000, oldExpiresAt: isoTime(expiresAtMs) },
        },
        requestId: command.requestId,
        ip: command.ip,
      },
    }
  })
}

async function assertRotatable(tx: CreateTransaction, old: ManagedSecret, nowMs: number): Promise<void> {
  const state = stateOf(old, nowMs)
  if (state !== 'active' && state !== 'retiring') throw impossible(`The secret is ${state}`)
  if (old.successorId === null) return
  const successor = await tx.identitySecrets.find(old.workspaceId, old.successorId)
  if (successor && stateOf(successor, nowMs) !== 'deleted') throw new DomainError('rotated_secret')
}
