import { readSettings, type Settings } from '../src/main.ts'
import type { Installation } from './installation.ts'
import type { Environment } from './start-cutover.ts'

/** Those that commands on the machine of an installation read from its environment. */
export function localSettings({ dataDirectory, databaseUrl }: Installation, environment: Environment = {}): Settings {
  return readSettings({
    CUTOVER_DATA_DIR: dataDirectory,
    ...(databaseUrl === '' ? {} : { CUTOVER_DATABASE_URL: databaseUrl }),
    ...environment,
  })
}
