import type { Credential } from '../access-tokens/access-token.ts'
import type { AuditActor } from '../audit/audit-entry.ts'
import { commitChange } from '../cluster/commit-change.ts'
import { DomainError } from '../domain-error.ts'
import type { Session } from './session.ts'
import type { SessionPorts } from './start-session.ts'

export interface EndSessionCommand {
  readonly session: Session
  readonly credential: Credential
  readonly actor: AuditActor
  readonly requestId: string
  readonly ip: string
}

/** Ends a session and resolves, with the epoch of that change, once no node accepts it any more. */
export async function endSession(ports: SessionPorts, command: EndSessionCommand): Promise<number> {
  const { session, credential, actor, requestId, ip } = command
  const { epoch } = await commitChange(ports, credential.tokenId, async (tx, epoch) => {
    if (!(await tx.sessions.end(session.id))) throw new DomainError('token_invalid')
    return {
      result: null,
      change: { workspaceId: credential.workspaceId, part: 'access_tokens' },
      audit: {
        chain: credential.workspaceId ?? 'instance',
        action: 'session.ended',
        actor,
        resource: { type: 'session', id: session.id },
        result: 'success',
        metadata: { epoch },
        requestId,
        ip,
      },
    }
  })
  return epoch
}
