import { join } from 'node:path'

const root = join(import.meta.dirname, '..')

/** Set while tests run, to the directory of the programs as this run has bundled them. */
export const programsVariable = 'PROGRAMS_OF_THIS_TEST_RUN'

export const programSources = {
  cutover: join(root, 'packages/cli/src/main.ts'),
  server: join(root, 'packages/server/src/serve.ts'),
} as const

export type Program = keyof typeof programSources

export interface StartedFrom {
  /** Flags of Node that the script needs. */
  readonly flags: readonly string[]
  readonly script: string
  /** Most of a start is compiling: what one process compiled, the next one finds. */
  readonly compileCache: string
}

/** As this run has bundled it; outside of test runs, the sources. */
export function startedFrom(program: Program): StartedFrom {
  const directory = process.env[programsVariable]
  if (directory === undefined) return startedFromSource(program)
  return { flags: [], script: join(directory, `${program}.mjs`), compileCache: join(directory, 'compiled') }
}

export function startedFromSource(program: Program): StartedFrom {
  const compileCache = join(root, 'node_modules', '.cache', 'cutover-tests')
  return { flags: ['--conditions=cutover-source'], script: programSources[program], compileCache }
}
