import type { Credential } from '../access-tokens/access-token.ts'
import type { AuditActor, AuditDraft } from '../audit/audit-entry.ts'
import { randomId } from '../base62.ts'
import { type ChangePorts, type ChangeTransaction, commitChange } from '../cluster/commit-change.ts'
import { DomainError } from '../domain-error.ts'
import { isoTime } from '../iso-time.ts'
import type { SessionReader, SessionWriter } from './ports.ts'
import {
  makeSessionKey,
  maxSessionsOfToken,
  type Session,
  type SessionId,
  sessionEndMs,
  sessionKeyHash,
} from './session.ts'

export interface SessionTransaction extends ChangeTransaction {
  readonly sessions: SessionWriter
}

export interface SessionPorts extends ChangePorts<SessionTransaction> {
  readonly sessions: Pick<SessionReader, 'countLive'>
}

export interface StartSessionCommand {
  readonly credential: Credential
  readonly actor: AuditActor
  readonly requestId: string
  readonly ip: string
}

/**
 * Begins a session and returns the one key to it: nothing else keeps it. No node can hold in memory a key that nobody
 * had before, so no other one has to hear of it; where an older session of the token ends for it, all of them do.
 */
export async function startSession(
  ports: SessionPorts,
  command: StartSessionCommand,
): Promise<{ readonly key: string; readonly session: Session }> {
  const { credential } = command
  const key = makeSessionKey(ports.system)
  const live = await ports.sessions.countLive(credential.tokenId, ports.system.nowMs())
  if (live < maxSessionsOfToken) {
    const session = await ports.store.transaction(async (tx) => {
      const nowMs = ports.system.nowMs()
      if (!(await tx.accessTokens.isLive(credential.tokenId, nowMs))) throw new DomainError('token_invalid')
      const begun = await insert(tx, ports, credential, key)
      await tx.audit.append(entryOf(command, begun, []), nowMs)
      return begun
    })
    return { key, session }
  }
  const { result } = await commitChange(ports, credential.tokenId, async (tx) => {
    const ended = await tx.sessions.endOldest(credential.tokenId, maxSessionsOfToken - 1)
    const session = await insert(tx, ports, credential, key)
    const change = { workspaceId: credential.workspaceId, part: 'access_tokens' } as const
    return { result: session, change, audit: entryOf(command, session, ended) }
  })
  return { key, session: result }
}

/** The token's end is read anew: it may have been rotated since the caller was let in. */
async function insert(tx: SessionTransaction, ports: SessionPorts, credential: Credential, key: string) {
  const token = await tx.accessTokens.findAnywhere(credential.tokenId)
  if (!token) throw new DomainError('token_invalid')
  const createdAtMs = ports.system.nowMs()
  const session: Session = {
    id: randomId('ses', ports.system),
    tokenId: credential.tokenId,
    createdAtMs,
    lastUsedMs: createdAtMs,
    expiresAtMs: sessionEndMs(createdAtMs, token.expiresAtMs),
  }
  await tx.sessions.insert({ ...session, hash: sessionKeyHash(key) })
  return session
}

function entryOf(
  { credential, actor, requestId, ip }: StartSessionCommand,
  session: Session,
  ended: readonly SessionId[],
): AuditDraft {
  return {
    chain: credential.workspaceId ?? 'instance',
    action: 'session.created',
    actor,
    resource: { type: 'session', id: session.id },
    result: 'success',
    metadata: { expiresAt: isoTime(session.expiresAtMs), ended: [...ended] },
    requestId,
    ip,
  }
}
