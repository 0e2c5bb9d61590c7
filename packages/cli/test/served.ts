import { Caller } from '../../server/test/caller.ts'
import { createInstallation, type Installation } from '../../server/test/installation.ts'
import { type Ended, type RunOptions, runCutover } from './run-cutover.ts'

/** A server that the tests of a file share, and the commands that they run against it. */
export class Served {
  readonly url: string
  readonly installation: Installation
  /** Calls the API as the tests of the server do: nothing of the client. */
  readonly caller: Caller
  /** Everything that commands wrote, a stream each. */
  readonly written: string[] = []
  readonly #ends: readonly (() => Promise<void>)[]

  private constructor(url: string, installation: Installation, ends: readonly (() => Promise<void>)[]) {
    this.url = url
    this.installation = installation
    this.caller = new Caller(url, installation.token)
    this.#ends = ends
  }

  static async start(environment: Readonly<Record<string, string>> = {}): Promise<Served> {
    const ends: (() => Promise<void>)[] = []
    const installation = await createInstallation('sqlite', (work) => ends.unshift(work))
    const { address } = await installation.start({ CUTOVER_RATE_LIMIT_PER_MINUTE: '0', ...environment })
    return new Served(address, installation, ends)
  }

  async end(): Promise<void> {
    for (const end of this.#ends) await end()
  }

  /** With the address and the first token in the environment, unless a test has others. */
  async run(parameters: readonly string[], { env, ...options }: RunOptions = {}): Promise<Ended> {
    const ended = await runCutover(parameters, { ...options, env: { ...this.environment, ...env } })
    this.written.push(ended.stdout, ended.stderr)
    return ended
  }

  /** Of the first start: it may do everything. */
  get token(): string {
    return this.installation.token
  }

  get environment() {
    return { CUTOVER_URL: this.url, CUTOVER_TOKEN: this.token }
  }

  /** The JSON that a command prints which is done and says nothing else. */
  async json<Value = Readonly<Record<string, unknown>>>(
    parameters: readonly string[],
    options?: RunOptions,
  ): Promise<Value> {
    const { code, stdout, stderr } = await this.run([...parameters, '--json'], options)
    if (code !== 0 || stderr !== '') throw new Error(`ended with ${code}: ${stderr}${stdout}`)
    return JSON.parse(stdout)
  }

  /** How many of the streams hold it: a secret is in the one that it was printed on. */
  holding(secret: string): number {
    return this.written.filter((text) => text.includes(secret)).length
  }

  /** A token of the workspace, made without the command. */
  async makeToken(scopes: readonly string[]): Promise<string> {
    const { text } = await this.caller.call('POST', '/v1/access-tokens', { body: { name: 'narrow', scopes } })
    return JSON.parse(text).token
  }

  /** A secret of all platforms, made without the command. */
  async makeSecret(name: string): Promise<{ readonly id: string; readonly secret: string }> {
    return this.caller.create(name)
  }
}
