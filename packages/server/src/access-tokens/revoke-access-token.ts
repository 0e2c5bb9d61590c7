import { type ChangePorts, commitChange } from '../cluster/commit-change.ts'
import { DomainError } from '../domain-error.ts'
import { type AccessToken, type AccessTokenId, keptAnswerSubject } from './access-token.ts'
import type { TokenCommand, TokenTransaction } from './create-access-token.ts'
import type { AccessTokenReader, TokenPlace } from './ports.ts'

export interface RevokePorts extends ChangePorts<TokenTransaction> {
  readonly accessTokens: AccessTokenReader
}

export interface RevokeTokenCommand extends TokenCommand {
  readonly id: string
  readonly place: TokenPlace
  /** Everything that it made, and what that made, is revoked with it. */
  readonly cascade: boolean
}

/**
 * Revokes a token and resolves, with the epoch of that change, once no node accepts it any more. What is revoked
 * already stays so: the answer is the same, and comes no earlier.
 */
export async function revokeAccessToken(ports: RevokePorts, command: RevokeTokenCommand): Promise<number> {
  try {
    return (await commitRevocation(ports, command)).epoch
  } catch (error) {
    if (!(error instanceof RevokedBefore)) throw error
    await ports.barrier.passed(error.epoch)
    return error.epoch
  }
}

/** Thrown to leave a transaction in which there turned out to be nothing to do. */
class RevokedBefore extends Error {
  readonly epoch: number

  constructor(epoch: number) {
    super('revoked before')
    this.epoch = epoch
  }
}

function commitRevocation(ports: RevokePorts, command: RevokeTokenCommand) {
  const { actor, place, cascade } = command
  return commitChange(ports, actor.id, async (tx, epoch) => {
    const token = await tx.accessTokens.find(command.id, place)
    if (!token) throw new DomainError('token_unknown')
    const line = cascade ? await descendantsOf(tx, token) : []
    const revoked: AccessTokenId[] = []
    const revocation = { atMs: ports.system.nowMs(), epoch }
    for (const id of [token.tokenId, ...line]) if (await revokeOne(tx, id, revocation)) revoked.push(id)
    if (revoked.length === 0)
      throw new RevokedBefore((await tx.accessTokens.revokedAtEpoch(token.tokenId)) ?? epoch - 1)
    return {
      result: null,
      change: { workspaceId: token.workspaceId, part: 'access_tokens' },
      audit: {
        chain: token.workspaceId ?? 'instance',
        action: 'access_token.revoked',
        actor,
        resource: { type: 'access_token', id: token.tokenId },
        result: 'success',
        metadata: { name: token.tokenName, epoch, cascade, alsoRevoked: revoked.filter((id) => id !== token.tokenId) },
        requestId: command.requestId,
        ip: command.ip,
      },
    }
  })
}

/** All that a token made, and what those made. Rotation passes descendants on, so the line may not be a tree. */
async function descendantsOf(tx: TokenTransaction, token: AccessToken): Promise<readonly AccessTokenId[]> {
  const found = new Set<AccessTokenId>([token.tokenId])
  for (let latest: readonly AccessTokenId[] = [token.tokenId]; latest.length > 0; ) {
    const children = await tx.accessTokens.childrenOf(latest)
    latest = children.filter((id) => !found.has(id))
    for (const id of latest) found.add(id)
  }
  found.delete(token.tokenId)
  return [...found]
}

/** With it go the answers that were kept for it, and the one that shows it. Whether it was not revoked before. */
export async function revokeOne(
  tx: TokenTransaction,
  id: AccessTokenId,
  revocation: { readonly atMs: number; readonly epoch: number },
): Promise<boolean> {
  if (!(await tx.accessTokens.revoke(id, revocation))) return false
  await tx.keptAnswers.destroyAnswersTo(id)
  await tx.keptAnswers.destroyAnswersShowing(keptAnswerSubject(id))
  return true
}
