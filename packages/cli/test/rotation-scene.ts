import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { CutoverClient } from '@cutover/client'
import type { CreatedIdentitySecret, IdentitySecret } from '@cutover/contract'
import { signUserHash } from '@cutover/signing'
import { createTemporaryDirectory } from '../../../test-support/temporary-directory.ts'
import { type Ended, runCutover, startCutoverCommand } from './run-cutover.ts'

interface Server {
  readonly url: string
  readonly token: string
}

/** What the secret is that clients sign with: the file that it is deployed into. */
const deployedName = 'deployed'

/** A secret in use, the file that holds it, and the command that rotates it. */
export class RotationScene implements AsyncDisposable {
  readonly directory: string
  readonly client: CutoverClient
  readonly old: CreatedIdentitySecret
  readonly #server: Server
  readonly #workspace: string
  readonly #remove: () => Promise<void>
  readonly #stop = new AbortController()
  readonly #traffic: Promise<void>[] = []
  /** Verifications that somebody was refused. */
  rejected = 0

  private constructor(
    server: Server,
    made: {
      directory: string
      client: CutoverClient
      workspace: string
      old: CreatedIdentitySecret
      remove: () => Promise<void>
    },
  ) {
    this.#server = server
    this.directory = made.directory
    this.client = made.client
    this.old = made.old
    this.#workspace = made.workspace
    this.#remove = made.remove
  }

  static async set(server: Server): Promise<RotationScene> {
    const directory = await createTemporaryDirectory()
    const connection = { baseUrl: server.url, token: server.token }
    const { id: workspace } = await new CutoverClient(connection).workspaces.create('Scene')
    const client = new CutoverClient({ ...connection, workspace })
    const old = await client.identitySecrets.create({ name: 'Spring', platforms: { web: true } })
    return new RotationScene(server, {
      directory: directory.path,
      client,
      workspace,
      old,
      remove: () => directory.remove(),
    })
  }

  /** Where `--deploy` commands and `--out` put the new secret. */
  get deployed(): string {
    return join(this.directory, deployedName)
  }

  get env(): Readonly<Record<string, string>> {
    return {
      HOME: this.directory,
      XDG_STATE_HOME: join(this.directory, 'state'),
      CUTOVER_URL: this.#server.url,
      CUTOVER_TOKEN: this.#server.token,
      CUTOVER_WORKSPACE: this.#workspace,
    }
  }

  rotate(parameters: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    return runCutover(['rotate', this.old.id, ...parameters], { env: { ...this.env, ...env }, cwd: this.directory })
  }

  start(parameters: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const options = { env: { ...this.env, ...env }, cwd: this.directory }
    return startCutoverCommand(['rotate', this.old.id, ...parameters], options)
  }

  /** Somebody signs with what is deployed, and with the old secret as long as nothing is. */
  startTraffic(source = 'app'): void {
    this.#traffic.push(this.#verifyAgainAndAgain(source))
  }

  async #verifyAgainAndAgain(source: string): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const secret = (await readFile(this.deployed, 'utf8').catch(() => '')) || this.old.secret
      const userHash = signUserHash(secret, 'user_1')
      const asked = await this.client.verifications
        .verify({ platform: 'web', userId: 'user_1', userHash, source })
        .catch(() => null)
      if (asked?.verified === false) this.rejected += 1
      await pause(100, undefined, { signal: this.#stop.signal }).catch(() => {})
    }
  }

  /** Every secret that there ever was, oldest first. */
  async secrets(): Promise<readonly IdentitySecret[]> {
    const secrets: IdentitySecret[] = []
    for await (const secret of this.client.identitySecrets.all({ state: 'all' })) secrets.push(secret)
    return secrets
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await Promise.all(this.#traffic)
    await this.#remove()
  }
}
