import type { AccessTokenId, Credential } from '../access-tokens/access-token.ts'
import type { Session, SessionId } from './session.ts'

/** A session, and its token as it is now. */
export interface FoundSession {
  readonly session: Session
  readonly credential: Credential
}

/** When a session was last used, as far as it was sampled. */
export interface SessionUse {
  readonly id: SessionId
  readonly atMs: number
}

export interface SessionReader {
  /** The session with this hash, unless its token was revoked; expiry is the caller's to judge. */
  findByHash(hash: string): Promise<FoundSession | null>
  /** Those that are within their life. */
  countLive(tokenId: AccessTokenId, nowMs: number): Promise<number>
}

export interface NewSession extends Omit<Session, 'lastUsedMs'> {
  readonly hash: string
}

export interface SessionWriter extends SessionReader {
  insert(session: NewSession): Promise<void>
  /** Whether it was there to end. */
  end(id: SessionId): Promise<boolean>
  /** Ends all but the newest `kept` of a token, and tells which. */
  endOldest(tokenId: AccessTokenId, kept: number): Promise<readonly SessionId[]>
  /** Keeps the later time of each. */
  recordUses(uses: readonly SessionUse[]): Promise<void>
  /** Those whose life was over at this moment. */
  forgetEnded(nowMs: number): Promise<void>
}
