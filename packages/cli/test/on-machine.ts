import type { Engine } from '../../server/src/storage/engine.ts'
import { createInstallation, type Installation } from '../../server/test/installation.ts'
import { type Ended, runCutover, startCutoverCommand } from './run-cutover.ts'

/** An installation, and the commands that are run on its machine: with its settings, and no address or token. */
export class OnMachine {
  readonly installation: Installation
  readonly environment: Readonly<Record<string, string>>

  private constructor(installation: Installation) {
    this.installation = installation
    const { dataDirectory, databaseUrl } = installation
    this.environment = {
      CUTOVER_DATA_DIR: dataDirectory,
      ...(databaseUrl === '' ? {} : { CUTOVER_DATABASE_URL: databaseUrl }),
    }
  }

  static async prepare(engine: Engine = 'sqlite'): Promise<OnMachine> {
    return new OnMachine(await createInstallation(engine))
  }

  run(parameters: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    return runCutover(parameters, { env: { ...this.environment, ...env } })
  }

  /** For a test that has to do with it while it runs. */
  begin(parameters: readonly string[], env: Readonly<Record<string, string>> = {}) {
    return startCutoverCommand(parameters, { env: { ...this.environment, ...env } })
  }

  async json<Value = Readonly<Record<string, unknown>>>(parameters: readonly string[]): Promise<Value> {
    const { code, stdout, stderr } = await this.run([...parameters, '--json'])
    if (code !== 0 || stderr !== '') throw new Error(`ended with ${code}: ${stderr}${stdout}`)
    return JSON.parse(stdout)
  }
}
