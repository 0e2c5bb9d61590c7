import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { connectionSettings } from './postgres.ts'

export const changesChannel = 'cutover_changes'

/** On that channel: nothing has changed, but everybody is to write what they have counted. */
export const reportsWanted = 'reports'

const retryMs = 500

/**
 * Tells, on a connection of its own, that something was changed; it may tell too little, too late, or too often, and
 * nothing but the length of a wait rests on it.
 */
export class PostgresNotifications {
  readonly #url: string
  readonly #onChange: () => void
  readonly #onAsked: () => void
  #client: pg.Client | undefined
  #isClosed = false

  constructor(url: string, onChange: () => void, onAsked: () => void) {
    this.#url = url
    this.#onChange = onChange
    this.#onAsked = onAsked
    void this.#listen()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#client?.end().catch(() => {})
  }

  async #listen(): Promise<void> {
    while (!this.#isClosed) {
      const client = new pg.Client({ ...connectionSettings(this.#url), connectionTimeoutMillis: 3000 })
      const { promise: ended, resolve } = Promise.withResolvers<void>()
      // Without a listener the process would end when the backend is killed.
      client.on('error', () => resolve())
      client.once('end', () => resolve())
      client.on('notification', ({ payload }) => (payload === reportsWanted ? this.#onAsked() : this.#onChange()))
      this.#client = client
      try {
        await client.connect()
        await client.query(`listen ${changesChannel}`)
        // What was changed while nobody listened is not told.
        this.#onChange()
        await ended
      } catch {
        // Tried again below.
      }
      await client.end().catch(() => {})
      if (!this.#isClosed) await pause(retryMs, undefined, { ref: false })
    }
  }
}
