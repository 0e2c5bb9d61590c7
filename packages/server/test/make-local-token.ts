import { execFile } from 'node:child_process'
import { join } from 'node:path'
import type { Installation } from './installation.ts'

const program = join(import.meta.dirname, '../src/make-local-token.ts')

export interface Made {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs the program that makes a token on the machine; `null`: on no store. */
export function makeLocalToken(installation: Installation | null, ...parameters: string[]): Promise<Made> {
  const environment = installation === null ? {} : environmentOf(installation)
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--conditions=cutover-source', program, ...parameters],
      { env: { PATH: process.env['PATH'], ...environment } },
      (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    )
  })
}

function environmentOf({ dataDirectory, databaseUrl }: Installation): Readonly<Record<string, string>> {
  return { CUTOVER_DATA_DIR: dataDirectory, ...(databaseUrl === '' ? {} : { CUTOVER_DATABASE_URL: databaseUrl }) }
}
