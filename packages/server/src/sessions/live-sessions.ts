import { LRUCache } from 'lru-cache'
import type { SessionKeeper } from '../access-tokens/ports.ts'
import type { FoundSession, SessionReader, SessionUse, SessionWriter } from './ports.ts'
import { hasKeyShape, isWithinLife, type Session, type SessionId, sessionKeyHash } from './session.ts'

const sampleMs = 60_000
const maxNoted = 10_000

/** Commits together what is written of several sessions. */
export interface SessionStore {
  transaction(
    work: (tx: { readonly sessions: Pick<SessionWriter, 'recordUses' | 'forgetEnded'> }) => Promise<void>,
  ): Promise<void>
}

/**
 * What a session is worth at a moment. Every use counts, reads too, as far as it is sampled: at most once a minute, in
 * memory, and written now and then. Another node knows of a use only when it is written, and reads a session anew before
 * it takes it for idle: a session may end up to that much early, never late.
 */
export class LiveSessions implements SessionKeeper {
  readonly #reader: Pick<SessionReader, 'findByHash'>
  readonly #store: SessionStore
  readonly #notedMs = new LRUCache<SessionId, number>({ max: maxNoted })
  #unwritten = new Map<SessionId, number>()

  constructor(reader: Pick<SessionReader, 'findByHash'>, store: SessionStore) {
    this.#reader = reader
    this.#store = store
  }

  hashOf(key: string): string | null {
    return hasKeyShape(key) ? sessionKeyHash(key) : null
  }

  findByHash(hash: string): Promise<FoundSession | null> {
    return this.#reader.findByHash(hash)
  }

  isLive(session: Session, nowMs: number): boolean {
    return isWithinLife({ ...session, lastUsedMs: this.#lastUsedMs(session) }, nowMs)
  }

  noteUse(session: Session, nowMs: number): void {
    if (nowMs - this.#lastUsedMs(session) < sampleMs) return
    this.#notedMs.set(session.id, nowMs)
    this.#unwritten.set(session.id, nowMs)
  }

  /** Writes what was noted since the last time; what cannot be written now is kept for the next. */
  async flush(): Promise<void> {
    if (this.#unwritten.size === 0) return
    const noted = this.#unwritten
    this.#unwritten = new Map()
    const uses: SessionUse[] = [...noted].map(([id, atMs]) => ({ id, atMs }))
    try {
      await this.#store.transaction((tx) => tx.sessions.recordUses(uses))
    } catch (error) {
      this.#unwritten = new Map([...noted, ...this.#unwritten])
      throw error
    }
  }

  /** Forgets those whose life is over, once what is known of their uses is written. */
  async prune(nowMs: number): Promise<void> {
    await this.flush()
    await this.#store.transaction((tx) => tx.sessions.forgetEnded(nowMs))
  }

  #lastUsedMs({ id, lastUsedMs }: Session): number {
    return Math.max(lastUsedMs, this.#notedMs.get(id) ?? 0)
  }
}
