import { createHmac } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { CutoverClient } from '@cutover/client'
import type { Platform } from '@cutover/contract'
import { createTemporaryDirectory, type TemporaryDirectory } from '../../../test-support/temporary-directory.ts'
import { type RunningCutover, startSharedCutover } from '../../server/test/start-cutover.ts'
import { ensureBuilt } from './built-page.ts'

/** A server process with a SQLite store of its own, and the page that it serves. It keeps its port over a restart. */
export class ServedPage {
  readonly #directory: TemporaryDirectory
  #cutover: RunningCutover
  readonly address: string
  readonly token: string
  /** With the first token, which may do everything. */
  readonly api: CutoverClient

  private constructor(directory: TemporaryDirectory, cutover: RunningCutover) {
    this.#directory = directory
    this.#cutover = cutover
    this.address = cutover.address
    this.token = cutover.firstToken ?? ''
    this.api = new CutoverClient({ baseUrl: this.address, token: this.token })
  }

  static async start(environment: Readonly<Record<string, string>> = {}): Promise<ServedPage> {
    await ensureBuilt()
    const directory = await createTemporaryDirectory()
    return new ServedPage(directory, await startSharedCutover({ ...settings(directory), ...environment }))
  }

  async stop(): Promise<void> {
    await this.#cutover.kill('SIGTERM')
  }

  /** On the port that it had. */
  async startAgain(environment: Readonly<Record<string, string>> = {}): Promise<void> {
    const { port } = new URL(this.address)
    this.#cutover = await startSharedCutover({ ...settings(this.#directory), ...environment, PORT: port })
  }

  /** Changes the store from outside, while the server is stopped: the one way to a past. */
  changeStore(change: (database: DatabaseSync) => void): void {
    const database = new DatabaseSync(join(this.#directory.path, 'data', 'cutover.db'))
    try {
      change(database)
    } finally {
      database.close()
    }
  }

  /** A backend that asks whether a user, signed with `secret`, is who they say. */
  async verify(secret: string, { platform = 'web', source }: { platform?: Platform; source?: string } = {}) {
    const userHash = createHmac('sha256', secret).update('user_1').digest('hex')
    const question = { platform, userId: 'user_1', userHash, ...(source === undefined ? {} : { source }) }
    return this.api.verifications.verify(question)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cutover.kill('SIGKILL')
    await this.#directory.remove()
  }
}

function settings(directory: TemporaryDirectory): Readonly<Record<string, string>> {
  return { CUTOVER_DATA_DIR: join(directory.path, 'data'), CUTOVER_MAX_ACTIVE_SECRETS: '1000' }
}
