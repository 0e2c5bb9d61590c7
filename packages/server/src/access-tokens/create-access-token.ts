import type { Environment, Scope } from '@cutover/contract'
import type { AuditActor } from '../audit/audit-entry.ts'
import { randomId } from '../base62.ts'
import type { DisplayName } from '../display-name.ts'
import { DomainError } from '../domain-error.ts'
import { type AnswerPorts, type AnswerTransaction, answerOnce } from '../idempotency/answer-once.ts'
import type { IdempotentRequest } from '../idempotency/idempotent-request.ts'
import { isoTime } from '../iso-time.ts'
import type { WorkspaceId } from '../workspaces/workspace.ts'
import { type AccessToken, type AccessTokenId, keptAnswerSubject } from './access-token.ts'
import { assertMayGrant } from './grant.ts'
import type { AccessTokenReader, AccessTokenWriter } from './ports.ts'
import { makeAccessToken, tokenHash } from './token-format.ts'

export interface TokenTransaction extends AnswerTransaction {
  readonly accessTokens: AccessTokenReader & AccessTokenWriter
}

export type TokenPorts = AnswerPorts<TokenTransaction>

/** Who changes tokens, and how that is told. */
export interface TokenCommand {
  readonly actor: AuditActor & { readonly id: AccessTokenId }
  readonly requestId: string
  readonly ip: string
}

export interface CreateTokenCommand extends TokenCommand {
  /** `null`: an instance token. */
  readonly workspaceId: WorkspaceId | null
  readonly name: DisplayName
  readonly scopes: readonly Scope[]
  readonly environment: Environment | null
  /** `null`: as long as the granting token itself. */
  readonly lifeMs: number | null
  readonly idempotent: IdempotentRequest | null
  render(token: AccessToken, text: string): string
}

/** Makes a token and returns the one answer that shows it. */
export async function createAccessToken(ports: TokenPorts, command: CreateTokenCommand): Promise<string> {
  const { actor, workspaceId, name, environment, lifeMs, idempotent } = command
  const { body } = await answerOnce(ports, { tokenId: actor.id, idempotent }, async (tx) => {
    const granter = await findGranter(tx, actor.id)
    const createdAtMs = ports.system.nowMs()
    const expiresAtMs = lifeMs === null ? granter.expiresAtMs : createdAtMs + lifeMs
    assertMayGrant(granter, { scopes: command.scopes, isInstance: workspaceId === null, expiresAtMs })
    const token: AccessToken = {
      tokenId: randomId('tok', ports.system),
      tokenName: name,
      workspaceId,
      scopes: new Set(command.scopes),
      environment,
      expiresAtMs,
      createdAtMs,
      createdBy: actor.id,
      successorId: null,
      revokedAtMs: null,
    }
    const text = await insertNew(ports, tx, token, { parentId: actor.id, rotatedBy: null })
    return {
      result: { body: command.render(token, text), subject: keptAnswerSubject(token.tokenId) },
      change: { workspaceId, part: 'access_tokens' },
      audit: {
        chain: workspaceId ?? 'instance',
        action: 'access_token.created',
        actor,
        resource: { type: 'access_token', id: token.tokenId },
        result: 'success',
        metadata: { name, scopes: [...token.scopes], environment, expiresAt: isoTime(expiresAtMs) },
        requestId: command.requestId,
        ip: command.ip,
      },
    }
  })
  return body
}

/** The caller's own token, as the transaction sees it. */
export async function findGranter(tx: TokenTransaction, id: AccessTokenId): Promise<AccessToken> {
  const granter = await tx.accessTokens.findAnywhere(id)
  if (!granter) throw new DomainError('token_invalid')
  return granter
}

/** Inserts `token` under a new random text, and returns that text: nothing else keeps it. */
export async function insertNew(
  ports: TokenPorts,
  tx: TokenTransaction,
  token: AccessToken,
  line: { readonly parentId: AccessTokenId | null; readonly rotatedBy: AccessTokenId | null },
): Promise<string> {
  const text = makeAccessToken(ports.system)
  await tx.accessTokens.insert({
    ...line,
    id: token.tokenId,
    workspaceId: token.workspaceId,
    name: token.tokenName,
    hash: tokenHash(text),
    scopes: [...token.scopes],
    environment: token.environment,
    createdAtMs: token.createdAtMs,
    createdBy: token.createdBy,
    expiresAtMs: token.expiresAtMs,
  })
  return text
}
