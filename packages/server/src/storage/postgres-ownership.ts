import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { StartupRefusal } from '../startup-refusal.ts'
import { connectionSettings } from './postgres.ts'

/** Any number will do, as long as it is always the same: the first eight bytes of SHA-256 of "cutover", signed. */
const lockKey = '6066315471083002442'
const retryMs = 500
const startAttempts = 10

export interface OwnershipEvents {
  onLost(): void
  /** Resolves when memory follows the store again; only then is the lock counted as held. */
  onRegained(): Promise<void>
}

/**
 * Until several nodes can share a database, one process owns it: by an advisory lock that the server lets go when the
 * connection dies. While the connection is down nothing is answered from memory, since another process may own it.
 */
export class PostgresOwnership {
  readonly #url: string
  readonly #events: OwnershipEvents
  #client: pg.Client | undefined
  #held = false
  #closing = false

  constructor(url: string, events: OwnershipEvents) {
    this.#url = url
    this.#events = events
  }

  isHeld(): boolean {
    return this.#held
  }

  async take(): Promise<void> {
    for (let attempt = 1; attempt <= startAttempts; attempt += 1) {
      if (await this.#tryToTake()) {
        this.#held = true
        return
      }
      await pause(retryMs)
    }
    throw new StartupRefusal('Another Cutover is running on this database: stop it first.')
  }

  async release(): Promise<void> {
    this.#closing = true
    this.#held = false
    await this.#client?.end().catch(() => {})
  }

  async #tryToTake(): Promise<boolean> {
    const client = new pg.Client({ ...connectionSettings(this.#url), connectionTimeoutMillis: 3000 })
    client.on('error', () => {})
    if (!(await takesLock(client))) {
      // Also after an answer that came too late: a lock that nobody knows of would keep everybody out.
      await client.end().catch(() => {})
      return false
    }
    this.#client = client
    client.once('end', () => {
      this.#held = false
      this.#events.onLost()
      if (!this.#closing) void this.#retake()
    })
    return true
  }

  async #retake(): Promise<void> {
    while (!this.#closing && !this.#held) {
      await pause(retryMs)
      const taken = await this.#tryToTake().catch(() => false)
      if (!taken) continue
      await this.#events.onRegained().then(
        () => {
          this.#held = !this.#closing
        },
        () => this.#client?.end(),
      )
      return
    }
  }
}

async function takesLock(client: pg.Client): Promise<boolean> {
  try {
    await client.connect()
    const { rows } = await client.query<{ held: boolean }>('select pg_try_advisory_lock($1) as held', [lockKey])
    return rows[0]?.held === true
  } catch (error) {
    await client.end().catch(() => {})
    throw error
  }
}
