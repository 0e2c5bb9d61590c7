import { randomId } from '../base62.ts'
import { DomainError } from '../domain-error.ts'
import { answerOnce } from '../idempotency/answer-once.ts'
import type { IdempotentRequest } from '../idempotency/idempotent-request.ts'
import { isoTime } from '../iso-time.ts'
import { type AccessToken, isUnexpired, keptAnswerSubject } from './access-token.ts'
import { findGranter, insertNew, type TokenCommand, type TokenPorts } from './create-access-token.ts'
import { assertMayGrant } from './grant.ts'
import type { TokenPlace } from './ports.ts'
import { revokeOne } from './revoke-access-token.ts'

export interface RotateTokenCommand extends TokenCommand {
  readonly id: string
  readonly place: TokenPlace
  /** 0: the old token is refused once this is answered. */
  readonly graceMs: number
  readonly idempotent: IdempotentRequest | null
  render(token: AccessToken, text: string): string
}

/**
 * Puts a new token in the place of an old one, which is accepted until its grace ends, half-open. The new one takes
 * over scopes and end, and what the old one made.
 */
export async function rotateAccessToken(ports: TokenPorts, command: RotateTokenCommand): Promise<string> {
  const { actor, place, graceMs, idempotent } = command
  const { body } = await answerOnce(ports, { tokenId: actor.id, idempotent }, async (tx, epoch) => {
    const nowMs = ports.system.nowMs()
    const old = await tx.accessTokens.find(command.id, place)
    if (!old || old.revokedAtMs !== null || !isUnexpired(old, nowMs)) throw new DomainError('token_unknown')
    const granter = await findGranter(tx, actor.id)
    assertMayGrant(granter, { scopes: old.scopes, isInstance: old.workspaceId === null, expiresAtMs: old.expiresAtMs })

    const token: AccessToken = {
      ...old,
      tokenId: randomId('tok', ports.system),
      createdAtMs: nowMs,
      createdBy: actor.id,
      successorId: null,
    }
    const parentId = await tx.accessTokens.parentOf(old.tokenId)
    const rotatedBy = actor.id === old.tokenId || actor.id === parentId ? null : actor.id
    const text = await insertNew(ports, tx, token, { parentId, rotatedBy })
    const endMs = nowMs + graceMs
    if (!(await tx.accessTokens.retire(old.tokenId, { successorId: token.tokenId, endMs, nowMs }))) {
      throw new DomainError('rotated_already')
    }
    await tx.accessTokens.passOnDescendants(old.tokenId, token.tokenId)
    if (graceMs === 0) await revokeOne(tx, old.tokenId, { atMs: nowMs, epoch })
    const oldTokenEndsAt = isoTime(Math.min(endMs, old.expiresAtMs ?? endMs))
    return {
      result: { body: command.render(token, text), subject: keptAnswerSubject(token.tokenId) },
      change: { workspaceId: old.workspaceId, part: 'access_tokens' },
      audit: {
        chain: old.workspaceId ?? 'instance',
        action: 'access_token.rotated',
        actor,
        resource: { type: 'access_token', id: old.tokenId },
        result: 'success',
        metadata: { name: old.tokenName, successorId: token.tokenId, oldTokenEndsAt },
        requestId: command.requestId,
        ip: command.ip,
      },
    }
  })
  return body
}
